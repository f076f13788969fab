import { openDatabase } from './database/database.ts';
import { findStations } from './station/station.sql.ts';
const db = openDatabase({ url: 'postgres://postgres@127.0.0.1:54911/fc3', connectionsMax: 1 });
let text=''; await findStations({ query: async (t) => { text=t; return []; } }, [1], 0);
for (const n of [1,200]) { const nums=Array.from({length:n},()=>1+Math.floor(Math.random()*100000)); const rows = await db.query<any>('explain (analyze, buffers) '+text.replace('$1::int[]', `'{${nums}}'::int[]`).replaceAll('$2', "now()")); if(n===200) console.log(rows.map((r:any)=>r['QUERY PLAN']).join('\n')); 
 for(let i=0;i<6;i++){ const t=performance.now(); await findStations(db, nums, Date.now()); console.log(n,(performance.now()-t).toFixed(1)); } }
await db.close();
