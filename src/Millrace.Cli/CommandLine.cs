using System.CommandLine;
using System.CommandLine.Help;
using Millrace.Cli.Commands;

namespace Millrace.Cli;

/// <summary>The whole command line.</summary>
internal static class CommandLine
{
    // What ends by itself within this time after Ctrl-C is not killed.
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Does what the arguments ask for and returns the exit code.</summary>
    public static async Task<int> Run(string[] args)
    {
        var parsed = Parse(args);
        if (parsed.Errors.Count > 0)
            return (int)ErrorReport.WrongUsage(parsed);
        var code = await parsed.InvokeAsync(
            new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = StopTimeout,
            }
        );
        return code;
    }

    /// <summary>Understands the arguments, or tells in its errors why it cannot.</summary>
    internal static ParseResult Parse(IReadOnlyList<string> args) =>
        // A payload may begin with '@': it is not the name of a file with more arguments.
        Root().Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });

    private static Command Root()
    {
        var root = new Command(
            "millrace", "Looks into and looks after Millrace stores, also while an application uses them.")
        {
            StreamsCommand.Create(),
            ReadCommand.Create(),
            TailCommand.Create(),
            FindCommand.Create(),
            CountCommand.Create(),
            AppendCommand.Create(),
            InfoCommand.Create(),
            WhyCommand.Create(),
            AtCommand.Create(),
            StatsCommand.Create(),
            ProjectionsCommand.Create(),
            PreviewCommand.Create(),
            ConsumersCommand.Create(),
            DeadLettersCommand.Create(),
            TimersCommand.Create(),
            SchedulesCommand.Create(),
            ProcessesCommand.Create(),
            ModelCommand.Create(),
            NamesCommand.Create(),
            ReplayCommand.Create(),
            SchemaCommand.Create(),
            DesignCommand.Create(),
            DoctorCommand.Create(),
            VerifyCommand.Create(),
            BackupCommand.Create(),
            StartLogEpochCommand.Create(),
            MoveCommand.Create(),
            TenantsCommand.Create(),
            UpgradeCommand.Create(),
            ExportCommand.Create(),
            ImportCommand.Create(),
            BenchCommand.Create(),
            CompletionCommand.Create(),
            JsonSchemaCommand.Create(),
            CompletionCommand.CreateComplete(Root),
        };
        root.Options.Add(GlobalOptions.Store);
        root.Options.Add(GlobalOptions.Tenant);
        root.Options.Add(GlobalOptions.Json);
        root.Options.Add(new VersionOption());
        root.Options.Add(new HelpOption { Action = new ExamplesHelp(new HelpAction()) });
        return root;
    }
}
