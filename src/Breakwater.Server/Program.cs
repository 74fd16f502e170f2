using Breakwater.Server.Cli;

return await BreakwaterCommand.RunAsync(args, Console.Out, Console.Error);

/// <summary>The program; public so that tests can start it.</summary>
public partial class Program;
