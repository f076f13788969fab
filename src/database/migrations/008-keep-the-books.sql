-- What may not be changed or removed row by row may not be emptied either: `truncate` passes by the triggers of rows.
create trigger ledger_is_never_emptied before truncate on ledger_transfers
  for each statement execute function refuse_change();
create trigger dispenses_are_never_emptied before truncate on dispenses
  for each statement execute function refuse_change();
create trigger staff_actions_are_never_emptied before truncate on staff_actions
  for each statement execute function refuse_change();
create trigger differences_are_never_emptied before truncate on differences
  for each statement execute function refuse_change();
create trigger explanations_are_never_emptied before truncate on difference_explanations
  for each statement execute function refuse_change();
