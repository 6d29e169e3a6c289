struct bare { int n; };
