using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Millrace.Storage;

namespace Millrace.Faults;

/// <summary>
/// One of several nodes on a PostgreSQL database, which a test kills or freezes. The node appends events, shares the
/// projections with the other nodes, and logs its leases to standard error.
/// </summary>
internal static class SharingNode
{
    private static readonly TimeSpan AppendInterval = TimeSpan.FromMilliseconds(10); // Other tests share the machine.

    public static async Task Run(string address, int writers, int seed)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { Args = [] });
        builder.Logging.ClearProviders().AddConsole(options => options.LogToStandardErrorThreshold = LogLevel.Trace)
            .AddFilter(null, LogLevel.Warning);
        builder.Services.AddMillrace(millrace => millrace.UsePostgreSql(address).AddModel<Ledger>());
        using var host = builder.Build();
        await host.StartAsync();
        var store = host.Services.GetRequiredService<EventStore>();
        var output = TextWriter.Synchronized(
            new StreamWriter(Console.OpenStandardOutput(), bufferSize: 1) { AutoFlush = true }
        );
        await output.WriteLineAsync("READY");
        await Task.WhenAll(
            Enumerable.Range(0, writers).Select(writer => Task.Run(() => Write(store, output, (seed * 10) + writer))));
    }

    private static async Task Write(EventStore store, TextWriter output, int writer)
    {
        var random = new Random(writer);
        using var timer = new PeriodicTimer(AppendInterval);
        for (var sequence = 1L; await timer.WaitForNextTickAsync(); sequence++)
        {
            var account = string.Create(CultureInfo.InvariantCulture, $"{writer}x{random.Next(5)}");
            var deposited = new Deposited(account, writer, sequence, random.Next(1, 100), random.Next(7));
            try
            {
                var id = Guid.CreateVersion7();
                var stream = StreamId.For("account", account);
                var result = await store.Append(stream, ExpectedVersion.Any, [new NewEvent(deposited) { Id = id }]);
                await output.WriteLineAsync(string.Create(
                    CultureInfo.InvariantCulture, $"ACK {stream} {result.Version} {result.Position} {id}"));
            }
            catch (StorageException)
            {
                // The database ended the transaction of the frozen node, so the append was not acknowledged.
            }
        }
    }
}
