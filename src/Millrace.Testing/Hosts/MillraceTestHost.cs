using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Consuming;
using Millrace.Storage;
using Millrace.Testing.Hosts;

namespace Millrace.Testing;

/// <summary>
/// Runs an application on an in-memory store, without a generic host. Commands, queries, projections and consumers run
/// as in production.
/// </summary>
/// <remarks>
/// Thread-safe. Disposing the host stops the services of the application and then closes the store.
/// </remarks>
public sealed class MillraceTestHost : IAsyncDisposable
{
    internal static readonly TimeSpan DefaultSettleTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StopDelay = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(10);

    private readonly ServiceProvider _services;
    private readonly List<IHostedService> _running = [];

    private MillraceTestHost(ServiceProvider services) => _services = services;

    /// <summary>Gets the services of the application.</summary>
    public IServiceProvider Services => _services;

    /// <summary>Gets the store.</summary>
    public EventStore Store => _services.GetRequiredService<EventStore>();

    /// <summary>Gets the command bus.</summary>
    public ICommandBus Commands => _services.GetRequiredService<ICommandBus>();

    /// <summary>Gets the query bus.</summary>
    public IQueryBus Queries => _services.GetRequiredService<IQueryBus>();

    /// <summary>Starts an application.</summary>
    /// <param name="configure">Adds the model. The delegate may also replace the in-memory storage.</param>
    /// <param name="services">Adds other services for handlers; null to add no services.</param>
    /// <param name="time">The clock, such as a <see cref="ManualTimeProvider"/>; null for the system clock.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    public static async Task<MillraceTestHost> Start(
        Action<MillraceBuilder> configure,
        Action<IServiceCollection>? services = null,
        TimeProvider? time = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(configure);
        var collection = new ServiceCollection();
        collection.AddSingleton(time ?? TimeProvider.System);
        services?.Invoke(collection);
        collection.AddMillrace(millrace =>
        {
            millrace.UseInMemory();
            configure(millrace);
            if (millrace.NeedsKeys())
                millrace.UseInMemoryKeys();
        });
        var host = new MillraceTestHost(collection.BuildServiceProvider());
        foreach (var service in host._services.GetServices<IHostedService>())
        {
            await service.StartAsync(cancellationToken);
            host._running.Add(service);
        }
        return host;
    }

    /// <summary>
    /// Gets or sets the maximum real time for which the host waits for busy threads after a write, while it advances
    /// the clock.
    /// </summary>
    internal TimeSpan MaxWorkDuration { get; set; } = TimeSpan.FromMilliseconds(25);

    /// <summary>Gets the dead letters and the events that wait for them.</summary>
    public DeadLetters DeadLetters => _services.GetRequiredService<DeadLetters>();

    /// <summary>
    /// Gets or sets the timeout of <see cref="Settle"/> in real time. The default is 30 seconds, and the minimum is 1
    /// millisecond.
    /// </summary>
    public TimeSpan SettleTimeout { get; set; } = DefaultSettleTimeout;

    /// <summary>
    /// Waits until all effects of earlier writes have happened. Then every consumer is idle at the end of the log, and
    /// the log no longer grows. The host also waits for retries, and advances a <see cref="ManualTimeProvider"/> to
    /// their times. A paused consumer is settled. Work that is due at a certain time, such as a timer or the time limit
    /// of a process, waits for <see cref="Advance"/>.
    /// </summary>
    /// <exception cref="TimeoutException">Settling exceeded <see cref="SettleTimeout"/>. The message contains the
    /// activity of each consumer.</exception>
    /// <exception cref="SpecificationException">A consumer parked an event that it could not handle, or is stuck. The
    /// message contains the consumer and the reason.</exception>
    public async Task Settle(CancellationToken cancellationToken = default)
    {
        var settling = CreateSettling();
        var stuck = await settling.Wait(SettleTimeout, cancellationToken);
        var query = new DeadLetterQuery { States = [DeadLetterState.Parked], Limit = 1 };
        foreach (var deadLetter in await DeadLetters.List(query, cancellationToken))
        {
            throw new SpecificationException(
                $"The consumer '{deadLetter.Consumer}' could not handle the event at position {deadLetter.Position} "
                    + $"('{deadLetter.EventType}' in "
                + $"'{deadLetter.Stream}'): {deadLetter.ErrorType}: {deadLetter.Message}");
        }
        if (stuck.Count > 0)
        {
            throw new SpecificationException(
                await settling.Describe($"The consumer '{stuck[0].Name}' is stuck.", cancellationToken)
            );
        }
    }

    /// <summary>
    /// Waits like <see cref="Settle"/>, but does not throw for failures. The failures are in <see cref="DeadLetters"/>.
    /// </summary>
    /// <exception cref="TimeoutException">Settling exceeded <see cref="SettleTimeout"/>. The message contains the
    /// activity of each consumer.</exception>
    public Task SettleWithFailures(CancellationToken cancellationToken = default) =>
        CreateSettling().Wait(SettleTimeout, cancellationToken);

    /// <summary>
    /// Advances a <see cref="ManualTimeProvider"/> from one due time to the next, such as the time of a retry or a
    /// timer. Each effect happens at its own time and settles before the clock advances further. Work with a later due
    /// time remains due.
    /// </summary>
    /// <remarks>
    /// The clock stops at most 10,000 times. If the time between two timers is less than a ten-thousandth of the whole
    /// time, the timers fire in order and settle together.
    /// <para>A task outside a consumer that waits for the clock, such as a task of a service, resumes at its due time
    /// and runs until it waits again. The task must not block its thread until the clock advances. After the task has
    /// written to the store, the host also waits for the further work of the task. The host waits up to 25 milliseconds
    /// while a thread is busy, and up to one second in all. It does not wait for work that the task starts on other
    /// threads without a write.</para>
    /// </remarks>
    /// <exception cref="InvalidOperationException">The application uses another clock.</exception>
    /// <exception cref="TimeoutException">Settling exceeded <see cref="SettleTimeout"/>. The message contains the
    /// activity of each consumer.</exception>
    public async Task Advance(TimeSpan by, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        var clock =
            _services.GetRequiredService<TimeProvider>() as ManualTimeProvider
            ?? throw new InvalidOperationException(
                "The clock of this host is real, so it cannot be advanced: start the host with a ManualTimeProvider.");
        var time = new VirtualTime(clock, CreateSettling(), SettleTimeout, MaxWorkDuration);
        // A synchronization context of a test framework would queue the continuations of timers instead of running them
        // on the thread that fires the timer.
        await Task.Run(() => time.AdvanceClock(by, cancellationToken), cancellationToken).WaitAsync(cancellationToken);
    }

    /// <summary>Starts a specification on this application. The application continues to run afterwards.</summary>
    public HostSpecification Specify() => new(this);

    internal SettleWaiter CreateSettling() => new(
        Store,
        _services.GetRequiredService<ConsumerHost>(),
        _services.GetRequiredService<Consumers>(),
        _services.GetRequiredService<TimeProvider>());

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        var stopping = Stop();
        // Operations that do not stop are abandoned after a timeout on the application's clock, which may be stopped.
        while (_services.GetService<TimeProvider>() is ManualTimeProvider clock && !stopping.IsCompleted)
        {
            await stopping
                .WaitAsync(StopDelay, TimeProvider.System)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            clock.Advance(StopTimeout);
        }
        await stopping;
        await _services.DisposeAsync();
    }

    private async Task Stop()
    {
        for (var i = _running.Count - 1; i >= 0; i--)
            await _running[i].StopAsync(CancellationToken.None);
    }
}
