using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Millrace.Faults;

/// <summary>A row of the view: the deposits of a writer.</summary>
public sealed record WriterDeposits(int Writer, [property: Indexed] long Deposits);

/// <summary>The JSON metadata of the rows.</summary>
[JsonSerializable(typeof(WriterDeposits))]
public sealed partial class ViewNodeJson : JsonSerializerContext;

/// <summary>A node that refreshes a materialized view. A test kills it in the middle of a refresh.</summary>
public static class ViewNode
{
    /// <summary>The environment variable that selects this node.</summary>
    public const string Variable = "MILLRACE_FAULTS_VIEW";

    /// <summary>The line that the node writes when it has stored some of the new rows.</summary>
    public const string Filling = "FILLING";

    /// <summary>Configures an application with the view.</summary>
    public static MillraceBuilder Configure(MillraceBuilder millrace, string address, bool stopsInTheMiddle)
    {
        ArgumentNullException.ThrowIfNull(millrace);
        ArgumentNullException.ThrowIfNull(address);
        var isServer = address.StartsWith("postgres:", StringComparison.Ordinal);
        return (isServer ? millrace.UsePostgreSql(address) : millrace.UseSqlite(address))
            .AddModel<Ledger>()
            .ConfigureConsumers(options => options.CommitDocuments = 10)
            .AddView(new DepositsView(stopsInTheMiddle), ViewNodeJson.Default.WriterDeposits);
    }

    internal static async Task Run(string address)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { Args = [] });
        builder.Logging.ClearProviders();
        builder.Services.AddMillrace(millrace => Configure(millrace, address, stopsInTheMiddle: true));
        using var host = builder.Build();
        await host.StartAsync();
        await Console.Out.WriteLineAsync("READY");
        await host.Services.GetRequiredService<IMaterializedView<int, WriterDeposits>>().Refresh();
        await host.WaitForShutdownAsync();
    }

    private sealed class DepositsView(bool stopsInTheMiddle) : MaterializedView<int, WriterDeposits>("deposits")
    {
        private const int RowsBeforeStop = 25;

        protected internal override ViewRefresh Refresh => ViewRefresh.Manual;

        protected internal override int Key(WriterDeposits row) => row.Writer;

        protected internal override async IAsyncEnumerable<WriterDeposits> Rows(
            IViewSource source, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            var rows = 0;
            await foreach (var total in source.Events(
                EventFilter.OfTypes("account.deposited"), cancellationToken))
            {
                if (stopsInTheMiddle && ++rows > RowsBeforeStop)
                {
                    await Console.Out.WriteLineAsync(Filling);
                    await Task.Delay(Timeout.Infinite, cancellationToken);
                }
                var deposited = (Deposited)total.Data;
                yield return new WriterDeposits(deposited.Writer, deposited.Amount);
            }
        }
    }
}
