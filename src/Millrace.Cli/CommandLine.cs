using System.CommandLine;
using System.CommandLine.Help;
using Millrace.Cli.Commands;

namespace Millrace.Cli;

/// <summary>Defines, parses and runs the command line of the tool.</summary>
internal static class CommandLine
{
    // The maximum time that a command has to stop after Ctrl-C.
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Runs the command line and returns the exit code.</summary>
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

    /// <summary>Parses the arguments. The result lists errors.</summary>
    internal static ParseResult Parse(IReadOnlyList<string> args) =>
        // A payload may start with '@', so '@' does not name a response file.
        Root().Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });

    private static Command Root()
    {
        var root = new Command(
            "millrace", "Inspects and manages Millrace stores, also while an application uses them.")
        {
            StreamsCommand.Create(),
            ReadCommand.Create(),
            TailCommand.Create(),
            FindCommand.Create(),
            CountCommand.Create(),
            SqlCommand.Create(),
            AppendCommand.Create(),
            InfoCommand.Create(),
            WhyCommand.Create(),
            ExplainCommand.Create(),
            AdviseCommand.Create(),
            AtCommand.Create(),
            StatsCommand.Create(),
            MetricsCommand.Create(),
            KpiCommand.Create(),
            ProjectionsCommand.Create(),
            ViewsCommand.Create(),
            PreviewCommand.Create(),
            ConsumersCommand.Create(),
            DeadLettersCommand.Create(),
            AlertsCommand.Create(),
            CapacityCommand.Create(),
            RecoveryCommand.Create(),
            TimersCommand.Create(),
            SchedulesCommand.Create(),
            ProcessesCommand.Create(),
            AccessCommand.Create(),
            ModelCommand.Create(),
            NamesCommand.Create(),
            ReplayCommand.Create(),
            SchemaCommand.Create(),
            DesignCommand.Create(),
            DoctorCommand.Create(),
            ReadinessCommand.Create(),
            TuneCommand.Create(),
            VerifyCommand.Create(),
            AuditCommand.Create(),
            BackupCommand.Create(),
            BackupsCommand.Create(),
            RestoreCommand.Create(),
            StartLogEpochCommand.Create(),
            ErasureCommand.Create(),
            CertificateCommand.Create(),
            ReportCommand.Create(),
            RetentionCommand.Create(),
            ArchiveCommand.Create(),
            KeysCommand.Create(),
            MoveCommand.Create(),
            StorageCommand.Create(),
            TenantsCommand.Create(),
            ShardsCommand.Create(),
            UpgradeCommand.Create(),
            ExportCommand.Create(),
            ImportCommand.Create(),
            BenchCommand.Create(),
            ConfigCommand.Create(),
            CompletionCommand.Create(),
            JsonSchemaCommand.Create(),
            CompletionCommand.CreateComplete(Root),
        };
        AddOptions(root);
        return root;
    }

    private static void AddOptions(Command root)
    {
        root.Options.Add(GlobalOptions.Store);
        root.Options.Add(GlobalOptions.Tenant);
        root.Options.Add(GlobalOptions.Json);
        root.Options.Add(new VersionOption());
        root.Options.Add(new HelpOption { Action = new ExamplesHelp(new HelpAction()) });
    }
}
