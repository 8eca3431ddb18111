using Microsoft.Extensions.DependencyInjection;

namespace Millrace.Testing;

/// <summary>What the application of a specification is made of, or the one that runs already.</summary>
internal sealed class HostSetup
{
    private readonly MillraceTestHost? _running;
    private Action<MillraceBuilder> _configure = static _ => { };
    private Action<IServiceCollection> _services = static _ => { };
    private Action<FaultInjectingStorage>? _faults;
    private DateTimeOffset? _start;

    public HostSetup()
    {
    }

    public HostSetup(MillraceTestHost running) => (_running, Limit) = (running, running.SettleTimeout);

    public TimeSpan Limit { get; set; } = TimeSpan.FromSeconds(30);

    public Action<MillraceBuilder> Configure
    {
        get => _configure;
        set => _configure = RejectAfterStart(value);
    }

    public Action<IServiceCollection> Services
    {
        get => _services;
        set => _services = RejectAfterStart(value);
    }

    public Action<FaultInjectingStorage>? Faults
    {
        get => _faults;
        set => _faults = RejectAfterStart(value);
    }

    public DateTimeOffset? Start
    {
        get => _start;
        set => _start = RejectAfterStart(value);
    }

    /// <summary>Starts the application, or takes the one that runs.</summary>
    public async Task<HostLease> Open(CancellationToken cancellationToken) =>
        _running is not null
            ? new HostLease(_running, IsOwned: false)
            : new HostLease(
                await MillraceTestHost.Start(Build, Services, new ManualTimeProvider(Start), cancellationToken),
                IsOwned: true);

    private void Build(MillraceBuilder millrace)
    {
        // It is alone, and told when to look: a clock that passes days need not stop twice a second.
        millrace.ConfigureConsumers(static options =>
            (options.LookEvery, options.LeaseDuration) = (TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5)));
        Configure(millrace);
        if (Faults is not { } faults || millrace.Storage is not { } inner)
            return;
        millrace.UseStorage(provider =>
        {
            var storage = new FaultInjectingStorage(inner(provider));
            faults(storage);
            return storage;
        });
    }

    private T RejectAfterStart<T>(T value) => _running is null
        ? value
        : throw new InvalidOperationException("The host has started already: configure it where it is started.");
}
