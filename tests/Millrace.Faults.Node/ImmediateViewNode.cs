using System.Text;
using System.Text.Json.Serialization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Millrace.Consuming;
using Millrace.PostgreSql;
using Millrace.Sqlite;
using Millrace.Storage;
using Millrace.Testing;

namespace Millrace.Faults;

/// <summary>A row of the view: the writers with the same sum of deposits.</summary>
public sealed record AmountWriters([property: Indexed] long Amount, long Writers, decimal Deposits);

/// <summary>The JSON metadata of the rows.</summary>
[JsonSerializable(typeof(AmountWriters))]
public sealed partial class ImmediateViewNodeJson : JsonSerializerContext;

/// <summary>
/// A node with an immediate view. It stops after a commit of the view, before it reports the commit, and a test kills
/// it there.
/// </summary>
public static class ImmediateViewNode
{
    /// <summary>The environment variable with the commit after which the node stops.</summary>
    public const string Variable = "MILLRACE_FAULTS_IMMEDIATE_VIEW";

    /// <summary>The commit that completes the rows.</summary>
    public const string Completing = "completing";

    /// <summary>The commit of a document that changes later.</summary>
    public const string Changing = "changing";

    /// <summary>The line that the node writes after the commit.</summary>
    public const string Committed = "COMMITTED";

    /// <summary>The account that the node changes when the rows are complete.</summary>
    public const string Account = "7";


    /// <summary>Configures an application with the view.</summary>
    public static MillraceBuilder Configure(MillraceBuilder millrace, IStorage storage, bool hasView = true)
    {
        ArgumentNullException.ThrowIfNull(millrace);
        millrace
            .UseStorage(_ => storage)
            .AddModel<Ledger>()
            .ConfigureConsumers(options =>
            {
                options.LeaseDuration = TimeSpan.FromSeconds(1);
                options.LookEvery = TimeSpan.FromMilliseconds(50);
                options.CommitDocuments = 10;
            });
        return hasView
            ? millrace.AddView(new AmountsView(), ImmediateViewNodeJson.Default.AmountWriters)
            : millrace;
    }

    /// <summary>Opens the storage at an address.</summary>
    public static IStorage Open(string address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return address.StartsWith("postgres:", StringComparison.Ordinal)
            ? new PostgreSqlStorage(new PostgreSqlOptions { ConnectionString = address })
            : new SqliteStorage(address);
    }

    internal static async Task Run(string address, string lastCommit)
    {
        var storage = new FaultInjectingStorage(Open(address))
        {
            AfterCommit = async (batch, _) =>
            {
                if (!batch.Any(request =>
                    HasCompleteRows(request) && (lastCommit == Completing || HasDocument(request))))
                    return;
                await Console.Out.WriteLineAsync(Committed);
                await Task.Delay(Timeout.Infinite); // The test kills the node.
            },
        };
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { Args = [] });
        builder.Logging.ClearProviders();
        builder.Services.AddMillrace(millrace => Configure(millrace, storage));
        using var host = builder.Build();
        await host.StartAsync();
        await host.Services.GetRequiredService<IMaterializedView<long, AmountWriters>>().Get(1);
        await host.Services.GetRequiredService<EventStore>().Append(
            StreamId.For("account", Account), ExpectedVersion.Any, [new Deposited(Account, 7, 2, 1, 1)]);
        await host.WaitForShutdownAsync();
    }

    private static bool HasCompleteRows(CommitRequest request) =>
        request.Documents.Any(static change =>
            change is { Collection: FollowerStates.Collection, Body: { } body }
            && Encoding.UTF8.GetString(body.Span).Contains("\"isComplete\":true", StringComparison.Ordinal));

    private static bool HasDocument(CommitRequest request) =>
        request.Documents.Any(static change => CollectionName.NameOf(change.Collection) == "writer-totals");

    private sealed class AmountsView() : GroupedView<int, WriterTotal, long, AmountWriters>("amounts")
    {
        protected internal override long Group(WriterTotal document) => document.Sum.Amount;

        protected internal override IReadOnlyList<decimal> Values(WriterTotal document) => [document.Sum.Deposits];

        protected internal override AmountWriters Row(long group, GroupTotals totals) =>
            new(group, totals.Count, totals.Sum(0));
    }
}
