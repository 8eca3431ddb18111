using Millrace.Protection;

namespace Millrace.Messaging;

/// <summary>
/// Encrypts the marked values of events, requests and replies in messages, and decrypts them in applications with the
/// same keys. A value is bound to the type, the subject and the id of its message. An erasure also makes it unreadable
/// at brokers.
/// </summary>
internal static class MessageProtection
{
    /// <summary>The CloudEvents extension with the paths of the encrypted values, separated by spaces.</summary>
    public const string PathsName = "millraceencrypted";

    private const char Separator = ' ';

    /// <summary>
    /// Returns the message of an event with encrypted values; the same message if it has no values to encrypt.
    /// </summary>
    /// <exception cref="ProtectedValueException">A marked value cannot be found in the payload, or a value that is
    /// encrypted in the store would be published unencrypted.</exception>
    /// <exception cref="KeyStoreException">The key store cannot be used.</exception>
    public static async ValueTask<Message> Encrypt(
        StoreProtection protection,
        KeyRing keys,
        Message message,
        RecordedEvent recorded,
        CancellationToken cancellationToken)
    {
        var marks = protection.Model.OfEvent(recorded.Type);
        var json = recorded.JsonPayload;
        var (tenant, stream) = protection.Scope.Split(recorded.Stream.Value);
        var values = marks is null
            ? []
            : MarkedValueLocator.Find(json.Span, marks, DataSubject.OfStream(stream), recorded.Type);
        StoredEncryption.RequireCovered(recorded, values);
        if (values.Count == 0)
            return message;
        var dataKeys = await ValueKeys.Of(keys, values, tenant, cancellationToken).ConfigureAwait(false);
        return Encrypt(message, json, values, dataKeys, refusesErased: false);
    }

    /// <summary>Returns a request or a reply, whose body is JSON, with encrypted values.</summary>
    /// <param name="protection">The encryption; null without keys.</param>
    /// <param name="message">The message.</param>
    /// <param name="marks">The marked members.</param>
    /// <param name="name">The name of the request, for errors.</param>
    /// <param name="refusesErased">True to refuse the values of erased data subjects; false to send the value after
    /// erasure instead.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="ProtectedValueException">The subject of a marked value is missing, or the application has no
    /// keys.</exception>
    /// <exception cref="SubjectErasedException">The subject of a value was erased, and
    /// <paramref name="refusesErased"/> is true.</exception>
    /// <exception cref="KeyStoreException">The key store cannot be used.</exception>
    public static async ValueTask<Message> Encrypt(
        StoreProtection? protection,
        Message message,
        MarkNode marks,
        string name,
        bool refusesErased,
        CancellationToken cancellationToken)
    {
        var values = MarkedValueLocator.Find(message.Body.Span, marks, null, name);
        if (values.Count == 0)
            return message;
        if (protection is not { Keys: { } keys })
            throw new ProtectedValueException(name, "the application has no keys, or its host was not started.");
        var dataKeys = await ValueKeys.Of(keys, values, protection.Scope.Tenant, cancellationToken)
            .ConfigureAwait(false);
        return Encrypt(message, message.Body, values, dataKeys, refusesErased);
    }

    private static Message Encrypt(
        Message message,
        ReadOnlyMemory<byte> json,
        IReadOnlyList<MarkedValue> values,
        DataKey[] dataKeys,
        bool refusesErased)
    {
        var (body, info) = new PayloadEncryption(json.Span, values, dataKeys, PlaceOf(message)).Run(refusesErased);
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

    /// <summary>
    /// Returns whether a message, as it was received, contains encrypted values. The text of an error of its handler
    /// could contain a decrypted value, and is therefore neither stored nor logged.
    /// </summary>
    public static bool HasEncryptedValues(Message message) => message.Headers.ContainsKey(PathsName);

    /// <summary>Returns the paths of the encrypted values of a message, as it was received.</summary>
    public static IReadOnlyList<string> PathsOf(Message message) =>
        message.Headers.TryGetValue(PathsName, out var paths) ? [.. paths.Split(Separator).Select(Unescape)] : [];

    /// <summary>Returns the message with decrypted values; the same message if none is encrypted.</summary>
    /// <param name="protection">The encryption; null without keys.</param>
    /// <param name="message">The message.</param>
    /// <param name="refusesErased">True to refuse a message with values of an erased data subject; false to replace
    /// them by the values after erasure.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="SubjectErasedException">The subject of a value was erased, and
    /// <paramref name="refusesErased"/> is true.</exception>
    /// <exception cref="MessageBodyException">The values cannot be decrypted. Perhaps the key store does not contain
    /// the key, because a sender can name any key.</exception>
    /// <exception cref="KeyStoreException">The key store cannot be used.</exception>
    public static async ValueTask<Message> Decrypt(
        StoreProtection? protection, Message message, bool refusesErased, CancellationToken cancellationToken)
    {
        if (!HasEncryptedValues(message))
            return message;
        if (protection?.Keys is null)
            throw new MessageBodyException(
                message.ToString(),
                PathsName,
                "its values are encrypted, and this application has no keys. Use the key store of the sender, or set "
                    + $"{nameof(TransportOptions.PublishesDecrypted)} at the sender.");
        var located = protection.Revealer.Locate(
            message.Body, new EncryptedPaths([.. PathsOf(message)]), PlaceOf(message));
        var (dataKeys, unknown) = await protection.Revealer.FindKeys([located], cancellationToken)
            .ConfigureAwait(false);
        if (unknown is not null)
            throw new MessageBodyException(
                message.ToString(),
                PathsName,
                $"{protection.Keys.Description} does not contain the data key {unknown}. The sender uses another key "
                    + "store, or the key store was restored from an old backup. Correct this, and retry the message.");
        var index = refusesErased ? located.Values.FindIndex(value => dataKeys[value.Text.KeyId].IsDestroyed) : -1;
        if (index >= 0)
            throw new SubjectErasedException(message.Type, located.Values[index].Path, ProtectedMember.DefaultKind);
        var revealed = PayloadRevealer.Decrypt(located, dataKeys);
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
