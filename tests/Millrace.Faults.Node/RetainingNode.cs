using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Millrace.Faults;

/// <summary>
/// A node that runs retention policies, which delete, archive and erase data, until a test kills the node. It writes a
/// line "STEP name" after each step, and waits after the step that the test names.
/// </summary>
public static class RetainingNode
{
    /// <summary>The environment variable with the archive directory.</summary>
    public const string ArchiveVariable = "MILLRACE_FAULTS_ARCHIVE";

    /// <summary>The id of the run.</summary>
    public const string RunId = "run-1";

    /// <summary>The number of expired carts, and of expired orders with two events each.</summary>
    public const int Streams = 120;

    /// <summary>Adds the store, the keys, the erasures and the policies.</summary>
    public static void Configure(MillraceBuilder millrace, string store, string keys, string pem, string archive)
    {
        ArgumentNullException.ThrowIfNull(millrace);
        ErasingNode.Configure(millrace, store, keys, pem, ErasingNode.Passphrase);
        millrace.AddRetention(retention =>
        {
            retention.ArchiveDirectory = archive;
            retention.StreamsPerSecond = 1_000_000;
            retention.AfterStep = ErasingNode.Report;
            retention.Category("cart").DeleteAfter().ByTimeIn("/on");
            retention.Category("order").ArchiveAfter().ByTimeIn("/on");
            retention.Category("customer").ErasePersonalDataAfter().ByTimeIn("/on");
        });
    }

    internal static async Task Run(string store, string archive)
    {
        var keys = Environment.GetEnvironmentVariable(ErasingNode.KeysVariable)!; // The test sets it.
        var pem = Environment.GetEnvironmentVariable(ErasingNode.PemVariable)!;
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { Args = [] });
        builder.Logging.ClearProviders();
        builder.Services.AddMillrace(millrace => Configure(millrace, store, keys, pem, archive));
        using var host = builder.Build();
        await host.StartAsync();
        await Fill(host.Services.GetRequiredService<EventStore>());
        await host.Services.GetRequiredService<RetentionService>().Run("ann", RunId);
    }

    private static async Task Fill(EventStore store)
    {
        const string Old = "2020-01-01";
        const string Young = "2099-01-01";
        await Append(store, "customer-1", "customer.registered", Old, $"\"email\":\"{ErasingNode.Email}\"");
        for (var i = 0; i < Streams; i++)
        {
            await Append(store, $"cart-{i}", "cart.opened", Old, "\"items\":1");
            await Append(store, $"order-{i}", "order.placed", Old, $"\"number\":{i}");
            await Append(store, $"order-{i}", "order.paid", Old, "\"total\":20.50");
        }
        await Append(store, "cart-young", "cart.opened", Young, "\"items\":1");
        await Append(store, "order-young", "order.placed", Young, "\"number\":1");
        await Append(store, "customer-2", "customer.registered", Young, "\"email\":\"bob@example.org\"");
    }

    /// <summary>Appends an event with a business time.</summary>
    private static Task<AppendResult> Append(EventStore store, string stream, string type, string on, string member) =>
        store.Append(
            new StreamId(stream),
            ExpectedVersion.Any,
            [NewEvent.FromBytes(type, Encoding.UTF8.GetBytes($"{{{member},\"on\":\"{on}\"}}"))]);
}
