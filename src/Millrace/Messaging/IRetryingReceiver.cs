namespace Millrace.Messaging;

/// <summary>
/// A line to a broker that also keeps the messages that are to be tried again, with later ones of their keys behind
/// them, and delivers them when their time has come: over whichever receiver of the subscription then works.
/// </summary>
/// <remarks>
/// What is put off or put behind counts as acknowledged; acknowledging it does nothing. What comes again is delivered
/// with its <see cref="Delivery.Attempts"/>, followed by those behind it, and is kept until it is acknowledged.
/// <see cref="PutOff"/>, <see cref="PutBehind"/> and <see cref="Waits"/> may be called at the same time for messages of
/// different keys, also while messages are taken.
/// </remarks>
public interface IRetryingReceiver : IReceiver
{
    /// <summary>How many messages wait, or are being tried again, as far as this line knows.</summary>
    long Waiting { get; }

    /// <summary>Why no further messages are taken until some of those that wait are done, for people; null when they
    /// are.</summary>
    string? Stall { get; }

    /// <summary>Whether a delivery may have to wait behind an earlier message of its key. Asks nobody.</summary>
    bool Waits(Delivery delivery);

    /// <summary>
    /// Puts a delivery behind those of its key that wait, in one step with its acknowledgement. False when none waits
    /// any more: then it is to be handled.
    /// </summary>
    /// <exception cref="TransportUnavailableException">The broker is away, or has given the delivery to
    /// another.</exception>
    ValueTask<bool> PutBehind(Delivery delivery, CancellationToken cancellationToken);

    /// <summary>
    /// Keeps a delivery that could not be handled until it is tried again, in one step with its acknowledgement.
    /// Earlier ones of its key that were delivered together with it are done.
    /// </summary>
    /// <param name="delivery">What could not be handled; counts one attempt more from now on.</param>
    /// <param name="delay">After how long it is tried again.</param>
    /// <param name="error">What went wrong, for people; at most 1,000 characters of it are kept.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="TransportUnavailableException">The broker is away, or has given the delivery to
    /// another.</exception>
    ValueTask PutOff(Delivery delivery, TimeSpan delay, string error, CancellationToken cancellationToken);
}
