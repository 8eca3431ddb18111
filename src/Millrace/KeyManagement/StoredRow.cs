using Millrace.Commands;
using Millrace.Protection;
using Millrace.Storage;

namespace Millrace.KeyManagement;

/// <summary>A document, the edited payload of a dead letter or a stored answer, as it is stored.</summary>
/// <param name="Body">The stored bytes.</param>
/// <param name="Values">The texts in the form of encrypted values, in the order of the bytes.</param>
/// <param name="Place">Returns the place that the encrypted values authenticate, for a tenant.</param>
/// <param name="Write">Returns the request that replaces the bytes if they are unchanged.</param>
internal sealed record StoredRow(
    ReadOnlyMemory<byte> Body,
    IReadOnlyList<EncryptedValue> Values,
    Func<string, ProtectionContext> Place,
    Func<byte[], CommitRequest> Write)
{
    /// <summary>Returns the row of a document.</summary>
    public static StoredRow Of(string collection, Document document) => new(
        document.Body,
        ValuesOf(document.Body),
        tenant => ProtectionScope.Of(tenant, collection).OfDocument(collection, document.Key),
        body => new CommitRequest
        {
            Documents =
            [
                new DocumentChange
                {
                    Collection = collection,
                    Key = document.Key,
                    FromVersion = document.Version,
                    Body = body,
                    Fields = document.Fields ?? [],
                    Position = document.Position,
                },
            ],
            IsAsStored = true,
        });

    /// <summary>Returns the row of a dead letter.</summary>
    public static StoredRow Of(DeadLetter letter)
    {
        var edited = letter.EditedPayload ?? default;
        return new(
            edited,
            ValuesOf(edited),
            tenant => ProtectionScope.Of(tenant, letter.Consumer).OfDeadLetter(letter),
            body => new CommitRequest
            {
                DeadLetters = [new DeadLetterChange(letter with { EditedPayload = body })],
                IsAsStored = true,
            });
    }

    /// <summary>Returns the row of the answer of a handled command.</summary>
    public static StoredRow Of(HandledRecord record) => new(
        record.Answer.Answer,
        ValuesOf(record.Answer.Answer),
        tenant => AnswerProtection.PlaceOf(
            tenant, ProtectionScope.Of(tenant, record.Scope).Split(record.Scope).Name, record.Id),
        body => new CommitRequest
        {
            Handled =
            [
                new HandledMark(record.Scope, record.Id, body, record.Until) { Replaces = record.Answer.Answer },
            ],
            IsAsStored = true,
        });

    private static List<EncryptedValue> ValuesOf(ReadOnlyMemory<byte> body) =>
        CipherText.TryParse(body.Span) is { } whole
            ? [new EncryptedValue(0, body.Length, "", whole)]
            : EncryptedValueLocator.Find(body.Span) ?? [];
}
