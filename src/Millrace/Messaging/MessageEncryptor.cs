using System.Security.Cryptography;
using Millrace.Consuming;

namespace Millrace.Messaging;

/// <summary>
/// Encrypts the messages of a publisher. An event that is published again after a failure keeps its encrypted message,
/// so that a large body is stored only once. Not thread-safe.
/// </summary>
internal sealed class MessageEncryptor(TransportRuntime transport, string source)
{
    /// <summary>The maximum number of messages that are kept for further attempts.</summary>
    public const int MaxKept = 1_000;

    private const long MaxKeptBytes = 4L * 1024 * 1024;

    private readonly Dictionary<long, Message> _prepared = []; // By position.
    private readonly Dictionary<long, (byte[] Hash, Message Message)> _kept = []; // By position.
    private long _keptBytes;

    /// <summary>Gets the number of messages that are kept for further attempts.</summary>
    public int Kept => _kept.Count;

    /// <summary>Forgets the messages that were prepared for the previous batch.</summary>
    public void StartBatch() => _prepared.Clear();

    /// <summary>Prepares the message of an event. An event without a destination has none.</summary>
    /// <exception cref="CannotDeserializeException">The stored values cannot be decrypted.</exception>
    /// <exception cref="ProtectedValueException">A value cannot be encrypted.</exception>
    public async ValueTask Prepare(RecordedEvent recorded, CancellationToken cancellationToken)
    {
        if (transport.Routes.DestinationsOf(recorded.Type).IsEmpty)
            return;
        StoredEventTypes.RequireDecrypted(recorded);
        if (transport.Protection is not { Keys: { } keys } protection
            || transport.Options.PublishesDecrypted
            || (recorded.EncryptionKeyId is null && protection.Model.OfEvent(recorded.Type) is null))
            return;
        // A correction or an erasure changes the payload. A restored log can have another event at the position.
        var hash = SHA256.HashData(recorded.Payload.Span);
        if (_kept.TryGetValue(recorded.Position, out var kept)
            && hash.AsSpan().SequenceEqual(kept.Hash)
            && kept.Message.Id == recorded.Id.ToString())
        {
            _prepared[recorded.Position] = kept.Message;
            return;
        }
        var message = await MessageProtection
            .Encrypt(protection, keys, EventMessage.Of(recorded, source), recorded, cancellationToken)
            .ConfigureAwait(false);
        _prepared[recorded.Position] = message;
        if (MessageProtection.HasEncryptedValues(message))
            Keep(recorded, hash, message);
    }

    /// <summary>Returns the prepared message of an event.</summary>
    public Message MessageOf(RecordedEvent recorded) =>
        _prepared.GetValueOrDefault(recorded.Position) ?? EventMessage.Of(recorded, source);

    /// <summary>Forgets the message of an event that was published.</summary>
    public void Forget(RecordedEvent recorded)
    {
        if (_kept.Remove(recorded.Position, out var kept))
            _keptBytes -= kept.Message.Body.Length;
    }

    private void Keep(RecordedEvent recorded, byte[] hash, Message message)
    {
        Forget(recorded);
        if (_kept.Count >= MaxKept || _keptBytes > MaxKeptBytes)
        {
            _kept.Clear();
            _keptBytes = 0;
        }
        _kept[recorded.Position] = (hash, message);
        _keptBytes += message.Body.Length;
    }
}
