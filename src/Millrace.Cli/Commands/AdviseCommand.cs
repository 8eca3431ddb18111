using System.CommandLine;
using Millrace.Cli.Output;
using Millrace.Shared.Settings;

namespace Millrace.Cli.Commands;

/// <summary>Proposes indexes, views and caching for the queries of applications, and builds indexes.</summary>
internal static class AdviseCommand
{
    public static Command Create()
    {
        var command = new ToolCommand(
            "advise", "Proposes what would make the queries of applications faster, and builds and removes indexes.")
        {
            Examples =
            [
                ("advise", "Proposals with the queries that would gain"),
                ("advise apply idx_orders_status_total", "Builds an index while applications use the store"),
            ],
        };
        command.Subcommands.Add(List());
        command.Subcommands.Add(Queries());
        command.Subcommands.Add(Indexes());
        command.Subcommands.Add(Apply());
        command.Subcommands.Add(Remove());
        return command.SetStoreHandler(Show);
    }

    private static ToolCommand List() =>
        new ToolCommand("list", "Lists the proposals. Each new index is tried on a copy of the documents.")
        {
            Examples = [("advise list --json", "Proposals for a script")],
        }.SetStoreHandler(Show);

    private static ToolCommand Queries() =>
        new ToolCommand("queries", "Lists the remembered shapes of queries, without values.")
        {
            Examples = [("advise queries", "How often queries of each shape were executed, and their time")],
        }.SetStoreHandler(async (call, open, cancellationToken) =>
        {
            var uses = await open.Store.ListQueries(cancellationToken);
            if (call.IsJson)
            {
                JsonOutput.Array(call, uses, AdviceOutput.WriteMembers);
                return ExitCode.Done;
            }
            var table = new TextTable("~query", "#executions", "#rows", "#ms each", "last use");
            foreach (var use in uses)
                AdviceOutput.Add(table, use);
            table.Write(call, "No queries are remembered. Applications store them every 30 seconds.");
            return ExitCode.Done;
        });

    private static ToolCommand Indexes() =>
        new ToolCommand("indexes", "Lists the indexes that were built on advice.")
        {
            Examples = [("advise indexes", "Name, read model, members, size and gain")],
        }.SetStoreHandler(async (call, open, cancellationToken) =>
        {
            var indexes = await open.Store.ListAdvisedIndexes(cancellationToken);
            if (call.IsJson)
            {
                JsonOutput.Array(call, indexes, AdviceOutput.WriteMembers);
                return ExitCode.Done;
            }
            var table = new TextTable("index", "read model", "members", "state", "#size", "#gain", "built at");
            foreach (var index in indexes)
                AdviceOutput.Add(table, index);
            table.Write(call, "No index was built on advice.");
            return ExitCode.Done;
        });

    private static ToolCommand Apply()
    {
        var name = new Argument<string>("index") { Description = "The name of the proposed index." };
        var command = new ToolCommand("apply", "Builds a proposed index, and reports its real gain.")
        {
            Examples =
            [
                ("advise apply idx_orders_status_total", "Reads continue meanwhile, on PostgreSQL also writes"),
            ],
        };
        command.Arguments.Add(name);
        return command.SetStoreHandler((call, open, cancellationToken) => Find(
            call.Get(name),
            isBuilt: false,
            open,
            async () =>
            {
                var applied = await open.Store.ApplyAdvice(call.Get(name), cancellationToken);
                if (call.IsJson)
                    JsonOutput.Object(call, writer => AdviceOutput.WriteMembers(writer, applied));
                else
                    AdviceOutput.Write(call, applied);
                return ExitCode.Done;
            },
            cancellationToken));
    }

    private static ToolCommand Remove()
    {
        var name = new Argument<string>("index") { Description = "The name of the index." };
        var command = new ToolCommand("remove", "Removes an index that was built on advice.")
        {
            Examples = [("advise remove idx_orders_status_total", "From all builds of its read model")],
        };
        command.Arguments.Add(name);
        return command.SetStoreHandler((call, open, cancellationToken) => Find(
            call.Get(name),
            isBuilt: true,
            open,
            async () =>
            {
                await open.Store.RemoveAdvisedIndex(call.Get(name), cancellationToken);
                if (call.IsJson)
                    JsonOutput.Object(call, writer => writer.WriteString("removed"u8, call.Get(name)));
                else
                    call.Line($"The index {call.Get(name)} was removed.");
                return ExitCode.Done;
            },
            cancellationToken));
    }

    private static async Task<ExitCode> Show(
        ToolInvocation call, OpenStore open, CancellationToken cancellationToken)
    {
        var advice = await open.Store.Advise(cancellationToken);
        if (call.IsJson)
            JsonOutput.Array(call, advice, AdviceOutput.WriteMembers);
        else
            AdviceOutput.Write(call, advice);
        return ExitCode.Done;
    }

    private static async Task<ExitCode> Find(
        string name, bool isBuilt, OpenStore open, Func<Task<ExitCode>> action, CancellationToken cancellationToken)
    {
        try
        {
            return await action();
        }
        catch (AdviceNotFoundException)
        {
            throw await NotFound(name, isBuilt, open, cancellationToken);
        }
        catch (Exception exception) when (exception is NotSupportedException or ArgumentException)
        {
            throw new CliException(ExitCode.Failed, exception.Message);
        }
    }

    /// <summary>Returns the error for an unknown name, with the names that exist.</summary>
    private static async Task<CliException> NotFound(
        string name, bool isBuilt, OpenStore open, CancellationToken cancellationToken)
    {
        List<string> known = isBuilt
            ? [.. (await open.Store.ListAdvisedIndexes(cancellationToken)).Select(static index => index.Name)]
            : [
                .. (await open.Store.Advise(cancellationToken))
                    .Where(static advice => advice.Kind == AdviceKind.CreateIndex)
                    .Select(static advice => advice.Name),
            ];
        var suggestion = NameSuggestions.To(name, known) is { } near ? $" Did you mean '{near}'?" : "";
        return isBuilt
            ? new CliException(
                ExitCode.NotFound,
                $"There is no index '{name}' that was built on advice.",
                known.Count == 0
                    ? "No index was built on advice: millrace advise indexes"
                    : $"There are: {string.Join(", ", known)}.{suggestion}")
            : new CliException(
                ExitCode.NotFound,
                $"There is no proposed index '{name}'.",
                known.Count == 0
                    ? "No index is proposed for the queries so far: millrace advise"
                    : $"Proposed are: {string.Join(", ", known)}.{suggestion}");
    }
}
