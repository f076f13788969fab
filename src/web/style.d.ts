/** Stylesheets that a page brings along; the build takes them out of the module. */
declare module '*.css';
