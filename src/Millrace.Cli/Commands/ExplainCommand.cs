using System.CommandLine;
using Millrace.Cli.Output;
using Millrace.Storage;

namespace Millrace.Cli.Commands;

/// <summary>Explains the plan of a query of the log or of a read model.</summary>
internal static class ExplainCommand
{
    private const int DefaultLimit = 20;

    public static Command Create()
    {
        var readModel = new Argument<string?>("read-model")
        {
            Description = "The read model, or a collection such as orders@2; by default the log.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var filter = new FilterOptions();
        var documents = new DocumentOptions();
        var ofStream = new Option<string?>("--of")
        {
            HelpName = "STREAM",
            Description = "Explains reading this stream.",
        };
        var claim = new Option<string?>("--claim")
        {
            HelpName = "SCOPE:VALUE",
            Description = "Explains the lookup of a unique value.",
        };
        var backwards = new Option<bool>("--backwards") { Description = "Reads the newest events first." };
        var limit = new Option<int>("--most")
        {
            HelpName = "N",
            Description = "The maximum number of rows of the page, from 1 to 1,000; 20 by default.",
            DefaultValueFactory = _ => DefaultLimit,
        };
        var command = new ToolCommand(
            "explain",
            "Explains a query: its plan, its index, its estimated cost, the measured rows and time, and the reason.")
        {
            Examples =
            [
                ("explain --type order.placed --since 24h", "How events of the log are found"),
                ("explain orders --where status=paid --order-by total", "How documents of a read model are found"),
                ("explain --of order-42", "How a stream is read"),
                ("explain --claim email:ada@example.org", "How a unique value is found"),
            ],
        };
        command.Arguments.Add(readModel);
        filter.AddTo(command);
        documents.AddTo(command);
        foreach (var option in (Option[])[ofStream, claim, backwards, limit])
            command.Options.Add(option);
        return command.SetStoreHandler(async (call, open, cancellationToken) =>
        {
            var most = call.Get(limit);
            if (most is < 1 or > 1_000)
                throw new CliException(ExitCode.Usage, "--most must be from 1 to 1,000.");
            var start = call.Get(backwards) ? long.MaxValue : 1;
            var explained = call.Get(readModel) is { } name
                ? await Explain(open, documents.Of(call, name, most), cancellationToken)
                : call.Get(ofStream) is { } stream
                    ? await open.Store.Explain(
                        new StreamPageQuery(new StreamId(stream), start, call.Get(backwards), most), cancellationToken)
                    : call.Get(claim) is { } text
                        ? await ExplainClaim(open, text, cancellationToken)
                        : await open.Store.Explain(
                            new LogPageQuery(filter.Of(call), start, call.Get(backwards), most), cancellationToken);
            if (call.IsJson)
                JsonOutput.Object(call, writer => QueryPlanOutput.WriteMembers(writer, explained));
            else
                QueryPlanOutput.Write(call, explained);
            return ExitCode.Done;
        });
    }

    private static async Task<QueryExplanation> Explain(
        OpenStore open, DocumentQuery query, CancellationToken cancellationToken)
    {
        try
        {
            return await open.Store.Explain(query, cancellationToken);
        }
        catch (CollectionNotFoundException exception)
        {
            throw new CliException(ExitCode.NotFound, exception.Message);
        }
        catch (ArgumentException exception)
        {
            throw new CliException(ExitCode.Usage, exception.Message);
        }
    }

    private static async Task<QueryExplanation> ExplainClaim(
        OpenStore open, string claim, CancellationToken cancellationToken)
    {
        var colon = claim.IndexOf(':', StringComparison.Ordinal);
        if (colon < 1 || colon == claim.Length - 1)
            throw new CliException(ExitCode.Usage, $"'{claim}' is not a claim: write SCOPE:VALUE.");
        return await open.Store.ExplainClaim(claim[..colon], claim[(colon + 1)..], cancellationToken);
    }
}
