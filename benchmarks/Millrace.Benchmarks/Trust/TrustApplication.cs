using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Benchmarks.Harness;
using Millrace.Benchmarks.Storages;

namespace Millrace.Benchmarks.Trust;

/// <summary>
/// An application on a store whose events have two marked members, with its keys in an SQLite file, or the same
/// application without marks and keys.
/// </summary>
internal sealed class TrustApplication : IAsyncDisposable
{
    private const string UnusedEvent = "device.measured";

    private readonly IHost _host;

    private TrustApplication(IHost host) => _host = host;

    public EventStore Store => Get<EventStore>();

    public static Task<TrustApplication> StartPlain(
        IBenchStore store, Action<MillraceBuilder>? configure = null, Action<ModelBuilder>? addToModel = null) =>
        Start(store, addToModel, configure);

    /// <summary>Starts the application with two encrypted members in each event.</summary>
    public static Task<TrustApplication> StartEncrypted(
        IBenchStore store, string keyFile, Action<MillraceBuilder>? configure = null) =>
        Start(store, MarkMembers, keyFile, configure);

    /// <summary>Starts the application with keys, and with marked members only in another event type.</summary>
    public static Task<TrustApplication> StartUnmarked(IBenchStore store, string keyFile) =>
        Start(store, model => model.Protect(UnusedEvent, new ProtectedMember("/device")), keyFile, configure: null);

    /// <summary>Returns the path of a file with keys.</summary>
    public static string KeyFileIn(ScratchDirectory directory) => directory.File("keys.db");

    public T Get<T>()
        where T : notnull => _host.Services.GetRequiredService<T>();

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    private static void MarkMembers(ModelBuilder model) =>
        model.Protect(LineAdded.EventType, new ProtectedMember("/customer"), new ProtectedMember("/note"));

    private static Task<TrustApplication> Start(
        IBenchStore store, Action<ModelBuilder> mark, string keyFile, Action<MillraceBuilder>? configure) =>
        Start(store, mark, millrace =>
        {
            millrace.UseSqliteKeys(keyFile, "the passphrase of the benchmarks");
            configure?.Invoke(millrace);
        });

    private static async Task<TrustApplication> Start(
        IBenchStore store, Action<ModelBuilder>? addToModel, Action<MillraceBuilder>? configure) =>
        new(await Application.Start(store.NewStorage(), model => addToModel?.Invoke(model), configure));
}
