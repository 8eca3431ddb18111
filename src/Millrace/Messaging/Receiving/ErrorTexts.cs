using Millrace.Consuming.Retries;

namespace Millrace.Messaging.Receiving;

/// <summary>
/// Returns the texts of errors of messages, for logs, traces and stored notes. The text of an error of a message with
/// encrypted values could contain a decrypted value, and is omitted.
/// </summary>
internal static class ErrorTexts
{
    private const string Omitted =
        "The message of the error is omitted, because the message contains encrypted values.";

    /// <summary>Returns whether the text of an error could contain an encrypted value of a message.</summary>
    /// <param name="exception">The error.</param>
    /// <param name="message">The message as it was received.</param>
    public static bool IsOmitted(Exception exception, Message message) =>
        MessageProtection.HasEncryptedValues(message)
        && exception is not (MessageBodyException or MessageUnreadableException); // These never contain a value.

    /// <summary>Returns the error of a held message for the rules of its consumer.</summary>
    public static HeldMessageFailedException Held(int attempts, Exception exception, Message message) =>
        new(attempts, MessageProtection.HasEncryptedValues(message) ? IsOmitted(exception, message) : null, exception);

    /// <summary>Returns the text of an error.</summary>
    public static string Of(Exception exception, Message message) =>
        IsOmitted(exception, message) ? Omitted : exception.Message;

    /// <summary>Returns the type and the text of an error.</summary>
    public static string NoteOf(Exception exception, Message message) =>
        $"{exception.GetType().FullName}: {Of(exception, message)}";
}
