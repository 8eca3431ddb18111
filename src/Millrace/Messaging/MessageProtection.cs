using Millrace.Protection;
using Millrace.Serialization;

namespace Millrace.Messaging;

/// <summary>
/// Encrypts the marked values of events in messages, and decrypts them in applications with the same keys. A value is
/// bound to the type, the subject and the id of its message. An erasure also makes it unreadable at brokers.
/// </summary>
internal sealed class MessageProtection(StoreProtection protection)
{
    /// <summary>The CloudEvents extension with the paths of the encrypted values, separated by spaces.</summary>
    public const string PathsName = "millraceencrypted";

    private const char Separator = ' ';

    /// <summary>
    /// Returns the message of an event with encrypted values; the same message if its type has no marked members.
    /// </summary>
    /// <exception cref="ProtectedValueException">A marked value cannot be found in the payload.</exception>
    /// <exception cref="KeyStoreException">The key store cannot be used.</exception>
    public async ValueTask<Message> Encrypt(
        Message message, RecordedEvent recorded, CancellationToken cancellationToken)
    {
        if (protection.Keys is not { } keys || protection.Model.OfEvent(recorded.Type) is not { } marks)
            return message;
        var json = recorded.ContentType == EventContentType.Cbor
            ? CborJson.TryToJson(recorded.Payload.Span) ?? []
            : recorded.Payload;
        var (tenant, stream) = protection.Scope.Split(recorded.Stream.Value);
        var values = MarkedValueLocator.Find(json.Span, marks, DataSubject.OfStream(stream), recorded.Type);
        if (values.Count == 0)
            return message;
        var dataKeys = await ValueKeys.Of(keys, values, tenant, cancellationToken).ConfigureAwait(false);
        var (body, info) = new PayloadEncryption(json.Span, values, dataKeys, PlaceOf(message))
            .Run(refusesErased: false);
        return info.KeyId.Length == 0
            ? message with { Body = body, ContentType = EventContentType.Json } // All values are erased.
            : message with
            {
                Body = body,
                ContentType = EventContentType.Json,
                Headers = new Dictionary<string, string>(message.Headers, StringComparer.Ordinal)
                {
                    [PathsName] = string.Join(Separator, info.Fields.Select(Escape)),
                },
            };
    }

    /// <summary>Returns the message with decrypted values; the same message if none is encrypted.</summary>
    /// <exception cref="MessageBodyException">The values cannot be decrypted.</exception>
    /// <exception cref="KeyStoreException">The key store cannot be used, or does not contain a key.</exception>
    public static async ValueTask<Message> Decrypt(
        StoreProtection? protection, Message message, CancellationToken cancellationToken)
    {
        if (!message.Headers.TryGetValue(PathsName, out var paths))
            return message;
        if (protection?.Keys is null)
            throw new MessageBodyException(
                message.ToString(),
                PathsName,
                "its values are encrypted, and this application has no keys. Use the key store of the sender, or set "
                    + $"{nameof(TransportOptions.PublishesDecrypted)} at the sender.");
        var located = protection.Revealer.Locate(
            message.Body, new EncryptedPaths([.. paths.Split(Separator).Select(Unescape)]), PlaceOf(message));
        var revealed = await protection.Revealer.Reveal(located, cancellationToken).ConfigureAwait(false);
        if (revealed.Problem is { } problem)
            throw new MessageBodyException(message.ToString(), PathsName, problem);
        var headers = new Dictionary<string, string>(message.Headers, StringComparer.Ordinal);
        headers.Remove(PathsName);
        return message with { Body = revealed.Json, Headers = headers };
    }

    private static string Escape(string path) =>
        path.Replace("%", "%25", StringComparison.Ordinal).Replace(" ", "%20", StringComparison.Ordinal);

    private static string Unescape(string path) =>
        path.Replace("%20", " ", StringComparison.Ordinal).Replace("%25", "%", StringComparison.Ordinal);

    private static ProtectionContext PlaceOf(Message message) =>
        new("message", "", message.Type, message.Subject ?? "", message.Id);
}
