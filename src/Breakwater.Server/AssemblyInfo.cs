using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Breakwater.Tests")]
