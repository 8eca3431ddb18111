using System.CommandLine;
using Millrace.Cli.Output;

namespace Millrace.Cli.Commands;

/// <summary>Writes reports for auditors, from what the application declared in the store.</summary>
internal static class ReportCommand
{
    private static readonly Option<DateTimeOffset?> From = new("--from")
    {
        HelpName = "TIME",
        Description = "The start of the period, inclusive: 2011-12-05, 2011-12-05T10:22:01Z, or an age: 2h, 7d.",
        CustomParser = FilterOptions.ParseTime,
    };

    private static readonly Option<DateTimeOffset?> To = new("--to")
    {
        HelpName = "TIME",
        Description = "The end of the period, exclusive; by default the end of the log.",
        CustomParser = FilterOptions.ParseTime,
    };

    private static readonly Option<string?> Format = new("--format")
    {
        Description = "json or html, a page that can be printed. By default the end of the file's name, else json.",
    };

    private static readonly Option<string?> Output = new("--output", "-o")
    {
        HelpName = "FILE",
        Description = "The file to write; standard output by default. An existing file is not overwritten.",
    };

    private static readonly Option<string[]> Key = new("--key")
    {
        Description = "A PEM file with a public key that may sign seals. Repeat it for several keys.",
        DefaultValueFactory = static _ => [],
    };

    private static readonly Option<string[]> Anchors = new("--anchors")
    {
        Description = "A file with anchors of seals, one on each line. Repeat it for several files.",
        DefaultValueFactory = static _ => [],
    };

    private static readonly Option<bool> AcceptRemovals = new("--accept-removals")
    {
        Description = "Accepts removals after the last anchor, or without --anchors after the last seal.",
    };

    private static readonly Option<bool> SkipVerification = new("--skip-verification")
    {
        Description = "Does not compare the log with its seals.",
    };

    static ReportCommand() => Format.AcceptOnlyFromAmong("json", "html");

    public static Command Create()
    {
        var gdpr = new ToolCommand(
            "gdpr", "Writes the report about personal data: activities, places, requests, holds, exports and rights.")
        {
            Examples =
            [
                ("report gdpr --from 2011-01-01 --to 2012-01-01 -o gdpr.html", "A year as a page, for printing"),
                ("report gdpr --json", "Everything, for a program"),
            ],
        };
        var sox = new ToolCommand(
            "sox", "Writes the report about financial data: changes, duties, rights, denied requests and seals.")
        {
            Examples =
            [
                ("report sox --from 2011-12-01 --key public.pem --anchors anchors.jsonl -o sox.html",
                    "Since 1 December, with verified seals"),
                ("report sox --skip-verification --format json > sox.json", "Without verified seals"),
            ],
        };
        var retention = new ToolCommand(
            "retention", "Writes the report about retention: policies and their runs, with what was removed and kept.")
        {
            Examples =
            [
                ("report retention --from 2011-01-01 --to 2012-01-01 -o retention.html", "A year as a page"),
                ("report retention --json", "Everything, for a program"),
            ],
        };
        foreach (var option in (Option[])[Key, Anchors, AcceptRemovals, SkipVerification])
            sox.Options.Add(option);
        var command = new ToolCommand("report", "Writes reports for auditors, as JSON or as a page for printing.")
        {
            Examples = [("report gdpr -o gdpr.html", "What happens with personal data")],
        };
        command.Subcommands.Add(SetHandler(gdpr, ReportKind.Gdpr));
        command.Subcommands.Add(SetHandler(sox, ReportKind.Sox));
        command.Subcommands.Add(SetHandler(retention, ReportKind.Retention));
        return command;
    }

    private static ToolCommand SetHandler(ToolCommand command, ReportKind kind)
    {
        foreach (var option in (Option[])[From, To, Format, Output])
            command.Options.Add(option);
        return command.SetStoreHandler(async (call, open, cancellationToken) =>
        {
            var file = call.Get(Output);
            var request = new ReportRequest(kind)
            {
                From = call.Get(From),
                To = call.Get(To),
                Format = FormatOf(call, file),
                By = Environment.UserName,
            };
            if (kind == ReportKind.Sox)
                request = request with
                {
                    VerifiesSeals = !call.Get(SkipVerification),
                    Evidence = new SealEvidence
                    {
                        KeyFiles = call.Get(Key) ?? [],
                        AnchorFiles = call.Get(Anchors) ?? [],
                        AcceptsNewRemovals = call.Get(AcceptRemovals),
                    },
                };
            var reports = Reports.Of(open.Store, TenantTemplate.SpecifiedTenant(call)?.Value ?? "");
            if (file is null)
                await Write(reports, request, call.Bytes, cancellationToken);
            else
                Report(call, file, await WriteFile(reports, request, file, cancellationToken));
            return ExitCode.Done;
        });
    }

    private static ReportFormat FormatOf(ToolInvocation call, string? file)
    {
        var isPage = call.Get(Format) switch
        {
            "html" => true,
            null => file is not null
                && Path.GetExtension(file).StartsWith(".htm", StringComparison.OrdinalIgnoreCase),
            _ => false,
        };
        if (isPage && file is null && call.IsJson)
            throw new CliException(ExitCode.Usage, "--json and --format html contradict each other.");
        return isPage ? ReportFormat.Html : ReportFormat.Json;
    }

    private static async Task<ReportSummary> WriteFile(
        Reports reports, ReportRequest request, string path, CancellationToken cancellationToken)
    {
        if (File.Exists(path))
            throw new CliException(
                ExitCode.Failed,
                $"'{path}' already exists, and a report never overwrites a file.",
                "Give another name.");
        var temporaryPath = path + ".part"; // A part of a report could be taken for the whole.
        var output = CreateFile(temporaryPath);
        var isComplete = false;
        try
        {
            ReportSummary summary;
            await using (output)
                summary = await Write(reports, request, output, cancellationToken);
            File.Move(temporaryPath, path);
            isComplete = true;
            return summary;
        }
        finally
        {
            if (!isComplete)
                File.Delete(temporaryPath);
        }
    }

    private static FileStream CreateFile(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Create, FileAccess.Write);
        }
        catch (DirectoryNotFoundException exception)
        {
            throw new CliException(ExitCode.NotFound, exception.Message, "Create the folder.");
        }
    }

    private static async Task<ReportSummary> Write(
        Reports reports, ReportRequest request, Stream output, CancellationToken cancellationToken)
    {
        try
        {
            return await reports.Write(request, output, cancellationToken);
        }
        catch (ArgumentException exception)
        {
            throw new CliException(ExitCode.Usage, exception.Message);
        }
        catch (SealKeyException exception)
        {
            throw new CliException(ExitCode.NotFound, exception.Message, "Give the public key with --key.");
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CliException(ExitCode.NotFound, exception.Message, "Give the file with --anchors.");
        }
    }

    private static void Report(ToolInvocation call, string file, ReportSummary summary)
    {
        if (call.IsJson)
            JsonOutput.Object(call, writer =>
            {
                writer.WriteString("file"u8, file);
                writer.WriteNumber("findingCount"u8, summary.FindingCount);
                writer.WriteNumber("position"u8, summary.Position);
            });
        else
            call.Line(
                $"{file}: {Counted.Of(summary.FindingCount, "finding")}, up to position "
                    + $"{TextTable.Number(summary.Position)}.");
    }
}
