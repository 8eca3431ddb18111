namespace Millrace.Testing;

/// <summary>Two views of one registry under check, with the few moves that all checks need.</summary>
internal sealed class RegistryProbe(IServiceRegistry first, IServiceRegistry second, CancellationToken cancel)
{
    /// <summary>Longer than any check needs between two of its steps.</summary>
    public static readonly TimeSpan Long = TimeSpan.FromMinutes(2);

    /// <summary>Long enough for the next step, also on a busy machine, and so short that it can be waited
    /// for.</summary>
    public static readonly TimeSpan Short = TimeSpan.FromSeconds(4);

    private readonly string _unique = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString("N")[^10..];

    public IServiceRegistry First { get; } = first;

    public IServiceRegistry Second { get; } = second;

    public CancellationToken Cancel { get; } = cancel;

    public string Name(string what = "stock") => $"check-{_unique}.{what}";

    public ServiceInstance Instance(string id, int port = 8080, string? name = null) =>
        new(id, name ?? Name(), "127.0.0.1", port);

    public async Task<string> Found(IServiceRegistry registry, string? name = null) =>
        string.Join(' ', (await registry.Find(name ?? Name(), Cancel)).Select(static one => one.Id));

    /// <summary>Looks until the instances are found that are wanted.</summary>
    public async Task FoundBecomes(string wanted)
    {
        while (await Found(Second) is var found && found != wanted)
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancel);
    }
}
