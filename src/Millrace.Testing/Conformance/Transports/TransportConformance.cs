using Millrace.Messaging;

namespace Millrace.Testing;

/// <summary>
/// The conformance suite of transports: every promise that an adapter for a broker makes to Millrace, as named checks.
/// The author of an adapter derives from it, says how a transport is made, and exposes <see cref="ChecksFor"/> as the
/// cases of a test.
/// </summary>
/// <remarks>
/// The checks use destinations and subscriptions of their own, so that all of them may run on one broker. With xunit:
/// <code>
/// public static TheoryData&lt;string&gt; Checks => new(ChecksFor(TransportFeatures.None).Select(check => check.Name));
///
/// [Theory, MemberData(nameof(Checks))]
/// public Task Keeps_its_promise(string check) => Run(check);
/// </code>
/// </remarks>
public abstract class TransportConformance
{
    /// <summary>Every check there is.</summary>
    public static IReadOnlyList<TransportCheck> Checks { get; } =
    [.. MessageChecks.All, .. PublishChecks.All, .. DeliveryChecks.All, .. SubscriptionChecks.All, .. BrokerChecks.All];

    /// <summary>How long one check may take; 1 minute by default.</summary>
    protected virtual TimeSpan CheckTimeout => TimeSpan.FromMinutes(1);

    /// <summary>
    /// How long a check waits to see that nothing comes; 300 milliseconds by default. A broker that is slower needs
    /// longer.
    /// </summary>
    protected virtual TimeSpan Quiet => TimeSpan.FromMilliseconds(300);

    /// <summary>How long a receiver may need until what another had in hand comes to it; 10 seconds by
    /// default.</summary>
    protected virtual TimeSpan WaitTimeout => TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long publishing may take before it is given up and tried again, as publishers do; 10 seconds by default.
    /// </summary>
    protected virtual TimeSpan ConfirmTimeout => TimeSpan.FromSeconds(10);

    internal TimeSpan ConfirmFor => ConfirmTimeout;

    internal TimeSpan QuietPeriod => Quiet;

    internal TimeSpan WaitTimeoutFor => WaitTimeout;

    /// <summary>The checks that make sense for a transport with some features: those that need no more.</summary>
    public static IEnumerable<TransportCheck> ChecksFor(TransportFeatures features) =>
        Checks.Where(check => (check.Needs & ~features) == 0);

    /// <summary>Runs one check on a new transport.</summary>
    /// <param name="check">The check's name.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ConformanceException">The transport does not keep the promise; says how that was
    /// seen.</exception>
    /// <exception cref="ArgumentException">There is no check of that name.</exception>
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

    /// <summary>Runs every check that makes sense for a transport with some features, whatever the ones before
    /// found.</summary>
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

    /// <summary>Makes a new transport to the broker; the suite disposes it. Those made in one check reach the same
    /// broker.</summary>
    protected abstract ValueTask<ITransport> Create(CancellationToken cancellationToken);

    /// <summary>Stops the broker of a transport as a crash does. Called only with
    /// <see cref="TransportFeatures.BrokerStops"/>.</summary>
    protected virtual ValueTask StopBroker(ITransport transport, CancellationToken cancellationToken) =>
        throw new NotSupportedException("A suite whose broker stops overrides StopBroker.");

    /// <summary>Starts the broker again with what it had, and waits until it answers. Called only with
    /// <see cref="TransportFeatures.BrokerStops"/>.</summary>
    protected virtual ValueTask StartBroker(ITransport transport, CancellationToken cancellationToken) =>
        throw new NotSupportedException("A suite whose broker stops overrides StartBroker.");

    /// <summary>
    /// Breaks all connections of a transport, without a word. Called only with
    /// <see cref="TransportFeatures.ConnectionsBreak"/>.
    /// </summary>
    protected virtual ValueTask CutConnections(ITransport transport, CancellationToken cancellationToken) =>
        throw new NotSupportedException("A suite whose connections break overrides CutConnections.");
}
