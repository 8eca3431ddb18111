using Millrace.Messaging;
using Millrace.Testing.Conformance;
using Millrace.Testing.Conformance.Messaging;

namespace Millrace.Testing;

/// <summary>
/// The conformance suite for transports. The suite has a named check for every guarantee of a broker adapter. The
/// author of an adapter derives from this class, implements <see cref="Create"/>, and uses <see cref="ChecksFor"/> as
/// test cases.
/// </summary>
/// <remarks>
/// All checks can run on one broker, because each check uses its own destinations and subscriptions. With xunit:
/// <code>
/// public static TheoryData&lt;string&gt; Checks => new(ChecksFor(TransportFeatures.None).Select(check => check.Name));
///
/// [Theory, MemberData(nameof(Checks))]
/// public Task Passes_the_conformance_check(string check) => Run(check);
/// </code>
/// </remarks>
public abstract class TransportConformance
{
    /// <summary>Gets all checks.</summary>
    public static IReadOnlyList<TransportCheck> Checks { get; } =
    [.. MessageChecks.All, .. PublishChecks.All, .. DeliveryChecks.All, .. SubscriptionChecks.All, .. BrokerChecks.All];

    /// <summary>Gets the timeout of one check. The default is 1 minute.</summary>
    protected virtual TimeSpan CheckTimeout => ConformanceRun.CheckTimeout;

    /// <summary>
    /// Gets the time for which a check waits to verify that no message arrives. The default is 300 milliseconds. Slow
    /// brokers need a longer time.
    /// </summary>
    protected virtual TimeSpan QuietPeriod => TimeSpan.FromMilliseconds(300);

    /// <summary>
    /// Gets the timeout for the redelivery of another receiver's messages. The default is 10 seconds.
    /// </summary>
    protected virtual TimeSpan WaitTimeout => TimeSpan.FromSeconds(10);

    /// <summary>
    /// Gets the time after which a check cancels and retries publishing, as publishers do. The default is 10 seconds.
    /// </summary>
    protected virtual TimeSpan ConfirmTimeout => TimeSpan.FromSeconds(10);

    internal TimeSpan ConfirmFor => ConfirmTimeout;

    internal TimeSpan QuietPeriodFor => QuietPeriod;

    internal TimeSpan WaitTimeoutFor => WaitTimeout;

    /// <summary>Returns the checks that apply to a transport with the given features.</summary>
    public static IEnumerable<TransportCheck> ChecksFor(TransportFeatures features) =>
        Checks.Where(check => (check.Needs & ~features) == 0);

    /// <summary>Runs one check on a new transport.</summary>
    /// <param name="check">The name of the check.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="ConformanceException">The transport does not meet the guarantee. The message describes the
    /// failure.</exception>
    /// <exception cref="ArgumentException">The suite has no check with this name.</exception>
    public async Task Run(string check, CancellationToken cancellationToken = default)
    {
        var found = Checks.FirstOrDefault(one => one.Name == check) ?? throw new ArgumentException(
            $"There is no check '{check}'.", nameof(check));
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(CheckTimeout);
        var probe = new TransportProbe(this, await Create(limit.Token), limit.Token);
        try
        {
            await ConformanceRun.Check(check, () => found.Run(probe), CheckTimeout, limit.Token, cancellationToken);
        }
        finally
        {
            await probe.DisposeAsync();
        }
    }

    /// <summary>
    /// Runs every check that applies to a transport with the given features. A failed check does not stop the run.
    /// </summary>
    public Task<ConformanceReport> RunAll(
        TransportFeatures features,
        IProgress<TransportCheck>? progress = null,
        CancellationToken cancellationToken = default) =>
        ConformanceRun.All(
            ChecksFor(features), static check => check.Name, check => Run(check, cancellationToken), progress);

    internal ValueTask<ITransport> CreateFor(TransportProbe probe) => Create(probe.Cancel);

    internal ValueTask StopFor(TransportProbe probe) => StopBroker(probe.Transport, probe.Cancel);

    internal ValueTask StartFor(TransportProbe probe) => StartBroker(probe.Transport, probe.Cancel);

    internal ValueTask CutFor(TransportProbe probe) => CutConnections(probe.Transport, probe.Cancel);

    /// <summary>
    /// Creates a transport to the broker. All transports of one check must use the same broker. The suite disposes the
    /// transport.
    /// </summary>
    protected abstract ValueTask<ITransport> Create(CancellationToken cancellationToken);

    /// <summary>
    /// Stops the broker of a transport, as a crash would. The suite calls this method only with <see
    /// cref="TransportFeatures.BrokerStops"/>.
    /// </summary>
    protected virtual ValueTask StopBroker(ITransport transport, CancellationToken cancellationToken) =>
        throw new NotSupportedException("A suite whose broker stops overrides StopBroker.");

    /// <summary>
    /// Restarts the broker with its data, and waits until it responds. The suite calls this method only with <see
    /// cref="TransportFeatures.BrokerStops"/>.
    /// </summary>
    protected virtual ValueTask StartBroker(ITransport transport, CancellationToken cancellationToken) =>
        throw new NotSupportedException("A suite whose broker stops overrides StartBroker.");

    /// <summary>
    /// Breaks all connections of a transport without a close handshake. The suite calls this method only with <see
    /// cref="TransportFeatures.ConnectionsBreak"/>.
    /// </summary>
    protected virtual ValueTask CutConnections(ITransport transport, CancellationToken cancellationToken) =>
        throw new NotSupportedException("A suite whose connections break overrides CutConnections.");
}
