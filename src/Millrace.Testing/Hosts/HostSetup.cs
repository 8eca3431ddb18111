using Microsoft.Extensions.DependencyInjection;

namespace Millrace.Testing.Hosts;

/// <summary>Configures a specification's application, or refers to an application that is already running.</summary>
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

    public TimeSpan Limit { get; set; } = MillraceTestHost.DefaultSettleTimeout;

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

    /// <summary>Starts the application, or returns the running application.</summary>
    public async Task<HostLease> Open(CancellationToken cancellationToken) =>
        _running is not null
            ? new HostLease(_running, IsOwned: false)
            : new HostLease(
                await MillraceTestHost.Start(Build, Services, new ManualTimeProvider(Start), cancellationToken),
                IsOwned: true);

    private void Build(MillraceBuilder millrace)
    {
        // This node is the only one and is notified of every change, so frequent polls have no use. A clock that skips
        // days would stop for each of them, twice a second.
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
