using System.CommandLine;
using System.Text;
using Millrace.Cli.Output;
using Millrace.Cli.Sql;
using Millrace.Cli.Sql.Editing;
using Spectre.Console;

namespace Millrace.Cli.Commands;

/// <summary>Answers SQL statements about the store.</summary>
internal static class SqlCommand
{
    private const string StandardInput = "-";
    private const long Megabyte = 1024 * 1024;

    private static readonly TimeSpan ColumnsTimeout = TimeSpan.FromSeconds(3);

    private static readonly Argument<string?> Statement = new("statement")
    {
        Description = "One statement that reads: SELECT, WITH, DESCRIBE, SHOW, SUMMARIZE or EXPLAIN.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<string?> InputFileOption = new("--file", "-f")
    {
        HelpName = "FILE",
        Description = "The file with the statement; - for standard input.",
    };

    private static readonly Option<SqlFormat> Format = new("--format")
    {
        HelpName = "FORMAT",
        Description = "table, csv, json or parquet; table by default, and json with --json. parquet needs --output.",
    };

    private static readonly Option<string?> OutputFile = new("--output", "-o")
    {
        HelpName = "FILE",
        Description = "The file to write; standard output by default. An existing file is not overwritten.",
    };

    private static readonly Option<int> Limit = new("--limit", "-n")
    {
        HelpName = "N",
        Description = "The maximum number of rows.",
        DefaultValueFactory = _ => new SqlOptions().MaxRows,
    };

    private static readonly Option<double> Seconds = new("--seconds")
    {
        HelpName = "N",
        Description = "The maximum seconds of a statement, with the reading of the store; from 0.001 to 86,400.",
        DefaultValueFactory = _ => new SqlOptions().TimeLimit.TotalSeconds,
    };

    private static readonly Option<long> Memory = new("--memory")
    {
        HelpName = "MB",
        Description = "The memory of a statement in megabytes, at least 16; more is written to temporary files.",
        DefaultValueFactory = _ => new SqlOptions().MaxMemoryBytes / Megabyte,
    };

    private static readonly Option<bool> NoHistory = new("--no-history")
    {
        Description = "A session neither reads nor keeps the history of statements.",
    };

    public static Command Create()
    {
        var command = new ToolCommand(
            "sql", "Answers a SQL statement about events, read models, consumers and dead letters.")
        {
            Examples =
            [
                ("sql \"SELECT type, count(*) FROM events GROUP BY type\"", "The number of events of each type"),
                ("sql \"SELECT avg(amount) FROM event_order_placed\"", "The members of a type's events are columns"),
                ("sql \"SELECT * FROM views\"", "The views that statements can read"),
                ("sql \"DESCRIBE event_order_placed\"", "The columns of a view"),
                ("sql \"FROM event_order_placed\" --format csv -o placed.csv", "To a CSV file"),
                ("sql \"FROM events\" --format parquet -o events.parquet -n 1000000", "To a Parquet file"),
                ("sql", "A session of statements, in a terminal"),
                ("sql --file report.sql --json", "The statement from a file, and the answer as JSON"),
            ],
        };
        command.Arguments.Add(Statement);
        foreach (var option in (Option[])[InputFileOption, Format, OutputFile, Limit, Seconds, Memory, NoHistory])
            command.Options.Add(option);
        return command.SetStoreHandler(Run);
    }

    private static async Task<ExitCode> Run(ToolInvocation call, OpenStore open, CancellationToken cancellationToken)
    {
        var format = call.IsJson && !call.Has(Format) ? SqlFormat.Json : call.Get(Format);
        var service = new StoreSqlService(open.Store, OptionsOf(call), call.Time);
        var sql = new AuditedSql(
            service,
            entry => ToolAudit.Record(open.Store, entry),
            message => call.Errors.WriteLine(TerminalText.Of(message)));
        if (IsSession(call))
        {
            await RunSession(call, sql, new StatementCompleter(service, ColumnsTimeout), format, cancellationToken);
            return ExitCode.Done;
        }
        var statement = await ReadStatement(call, cancellationToken);
        if (call.Get(OutputFile) is { } file)
        {
            SqlOutput.RequireNew(file);
            File.Delete(SqlOutput.CreateTemporary(file)); // Fails before the statement runs, and not after it.
        }
        else if (format == SqlFormat.Parquet)
            throw new CliException(
                ExitCode.Usage, "--format parquet needs a file.", "Specify it with --output FILE.");
        try
        {
            if (format == SqlFormat.Parquet)
                await Export(call, sql, statement, cancellationToken);
            else
                SqlOutput.Write(
                    call, await sql.Run(new SqlRequest(statement), cancellationToken), format, call.Get(OutputFile));
        }
        catch (SqlLimitException limit)
        {
            throw new CliException(
                ExitCode.Incomplete, limit.Message, "Limits: --seconds N and --memory MB.");
        }
        return ExitCode.Done;
    }

    /// <summary>Returns whether a user at a terminal types statements.</summary>
    /// <exception cref="CliException">A terminal would be read as the statement, without a prompt.</exception>
    private static bool IsSession(ToolInvocation call)
    {
        if (call.Get(Statement) is not null || call.Has(InputFileOption) || Console.IsInputRedirected)
            return false;
        if (call.Has(OutputFile) || call.Get(Format) == SqlFormat.Parquet)
            throw new CliException(
                ExitCode.Usage,
                "There is no statement for the file.",
                "Specify it as an argument, with --file FILE, or from a pipe. --file - reads the terminal up to "
                    + "Ctrl-D.");
        return ConsoleTerminal.FindOutput() is not null
            ? true
            : throw new CliException(
                ExitCode.Usage,
                "There is no statement, and no terminal for prompts.",
                "Specify the statement as an argument, with --file FILE, or from a pipe.");
    }

    private static async Task RunSession(
        ToolInvocation call,
        AuditedSql sql,
        StatementCompleter completer,
        SqlFormat format,
        CancellationToken cancellationToken)
    {
        var output = ConsoleTerminal.FindOutput()!; // A session has one.
        if (Environment.GetEnvironmentVariable("TERM") == "dumb")
        {
            await Run(new LineInput(Console.In, output));
            return;
        }
        var history = StatementHistory.Open(call.Get(NoHistory) ? null : StatementHistory.DefaultFile);
        using var terminal = new ConsoleTerminal(output, call.Time);
        await Run(new StatementEditor(terminal, history, completer.Complete));
        if (history.Problem is { } problem)
            await output.WriteLineAsync(problem);

        async Task Run(ISqlInput input)
        {
            var shell = new SqlShell(
                sql, input, output, (answer, format) => SqlOutput.Write(call, answer, format, file: null))
            {
                Format = format,
            };
            await shell.Run(cancellationToken);
        }
    }

    private static async Task Export(
        ToolInvocation call, AuditedSql sql, string statement, CancellationToken cancellationToken)
    {
        var file = call.Get(OutputFile)!; // Checked by the caller.
        var temporaryPath = SqlOutput.CreateTemporary(file);
        try
        {
            var export = await sql.ExportParquet(new SqlRequest(statement), temporaryPath, cancellationToken);
            SqlOutput.Move(temporaryPath, file);
            SqlOutput.Report(call, export.Rows, export.IsCut, export.Position);
        }
        finally
        {
            File.Delete(temporaryPath);
        }
    }

    private static async Task<string> ReadStatement(ToolInvocation call, CancellationToken cancellationToken)
    {
        var (text, file) = (call.Get(Statement), call.Get(InputFileOption));
        if (text is not null && file is not null)
            throw new CliException(ExitCode.Usage, "Specify the statement or --file, and not both.");
        if (text is not null)
            return text;
        if (file is null or StandardInput)
        {
            using var input = Console.OpenStandardInput();
            return Decode(await InputFile.ReadPayload(input, cancellationToken), "Standard input");
        }
        return Decode(await InputFile.ReadPayload(file, cancellationToken), $"'{file}'");
    }

    private static string Decode(byte[] bytes, string source) =>
        Encoding.UTF8.GetString(TextDecoder.ToUtf8(bytes, source));

    private static SqlOptions OptionsOf(ToolInvocation call)
    {
        const double MinSeconds = 0.001;
        const double MaxSeconds = 86_400;
        if (call.Get(Seconds) is not (>= MinSeconds and <= MaxSeconds))
            throw new CliException(ExitCode.Usage, "--seconds must be from 0.001 to 86,400.");
        if (call.Get(Limit) < 1)
            throw new CliException(ExitCode.Usage, "--limit must be at least 1.");
        if (call.Get(Memory) is < 16 or > 1024 * 1024)
            throw new CliException(ExitCode.Usage, "--memory must be from 16 to 1,048,576.");
        return new SqlOptions
        {
            TimeLimit = TimeSpan.FromSeconds(call.Get(Seconds)),
            MaxRows = call.Get(Limit),
            MaxMemoryBytes = call.Get(Memory) * Megabyte,
            MaxAnswerBytes = call.Get(Memory) * Megabyte,
        };
    }
}
