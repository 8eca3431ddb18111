namespace Millrace.Testing.Conformance.Registries;

/// <summary>Has two clients of the same registry, and the operations that the checks share.</summary>
internal sealed class RegistryProbe(IServiceRegistry first, IServiceRegistry second, CancellationToken cancel)
{
    /// <summary>A time to live that does not expire during a check.</summary>
    public static readonly TimeSpan LongLife = TimeSpan.FromMinutes(2);

    /// <summary>
    /// A time to live that lasts until the next step on a busy machine, but is short enough to wait for its expiry.
    /// </summary>
    public static readonly TimeSpan ShortLife = TimeSpan.FromSeconds(4);

    private readonly string _unique = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString("N")[^10..];

    public IServiceRegistry First { get; } = first;

    public IServiceRegistry Second { get; } = second;

    public CancellationToken Cancel { get; } = cancel;

    public string Name(string suffix = "stock") => $"check-{_unique}.{suffix}";

    public ServiceInstance Instance(string id, int port = 8080, string? name = null) =>
        new(id, name ?? Name(), "127.0.0.1", port);

    public async Task<string> FoundIds(IServiceRegistry registry, string? name = null) =>
        string.Join(' ', (await registry.Find(name ?? Name(), Cancel)).Select(static one => one.Id));

    /// <summary>Polls until the registry returns the given instances.</summary>
    public async Task WaitForInstances(string expected)
    {
        while (await FoundIds(Second) is var found && found != expected)
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancel);
    }
}
