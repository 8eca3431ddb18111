using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Storage;

namespace Millrace.Testing;

/// <summary>
/// An application on an in-memory store, without a host: commands, queries, projections and consumers run as in
/// production.
/// </summary>
/// <remarks>Thread-safe. Disposing stops the application in order, and then the store.</remarks>
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
    /// <param name="configure">Adds the model. It may also replace the in-memory storage.</param>
    /// <param name="services">Adds other services for handlers; null for none.</param>
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
    /// The maximum wait, in real time, for threads that still work after a write while the clock advances.
    /// </summary>
    internal TimeSpan MaxWorkDuration { get; set; } = TimeSpan.FromMilliseconds(25);

    /// <summary>Gets the dead letters and the events that wait behind them.</summary>
    public DeadLetters DeadLetters => _services.GetRequiredService<DeadLetters>();

    /// <summary>
    /// Gets or sets the timeout of settling, in real time; at least 1 millisecond, 30 seconds by default.
    /// </summary>
    public TimeSpan SettleTimeout { get; set; } = DefaultSettleTimeout;

    /// <summary>
    /// Waits until everything that follows from earlier writes has happened: every consumer has reached the end of the
    /// log and is idle, and the log has not grown meanwhile. Retries are awaited; a <see cref="ManualTimeProvider"/> is
    /// advanced for them. A paused consumer counts as settled. Work that is due at a certain time, such as a timer or
    /// the time limit of a process, stays due until <see cref="Advance"/>.
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
    /// Waits like <see cref="Settle"/>, but ignores failures, which are in <see cref="DeadLetters"/>.
    /// </summary>
    /// <exception cref="TimeoutException">Settling exceeded <see cref="SettleTimeout"/>. The message contains the
    /// activity of each consumer.</exception>
    public Task SettleWithFailures(CancellationToken cancellationToken = default) =>
        CreateSettling().Wait(SettleTimeout, cancellationToken);

    /// <summary>
    /// Advances a <see cref="ManualTimeProvider"/> from one due time to the next: a retry, a timer. Each effect happens
    /// at its own time and settles before the clock advances further. Work that is due later stays due.
    /// </summary>
    /// <remarks>
    /// The clock stops at most 10,000 times. Timers that are less than a ten thousandth of the time apart fire in order
    /// and settle together.
    /// <para>A task that waits for the clock but is not a consumer, such as a service's task, runs at its due time
    /// until it waits for something else. It must not block its thread until time passes. After such a task has written
    /// to the store, its further work is also awaited: up to 25 milliseconds while a thread is busy, and up to one
    /// second in all. Work that it starts elsewhere without a write is not awaited.</para>
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
        // With a synchronization context of a test framework, continuations of timers would be queued instead of
        // running on the thread that fires the timer.
        await Task.Run(() => time.Pass(by, cancellationToken), cancellationToken).WaitAsync(cancellationToken);
    }

    /// <summary>Starts a specification on this application, which continues to run afterwards.</summary>
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
