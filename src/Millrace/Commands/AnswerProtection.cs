using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using Millrace.Protection;
using Millrace.Storage;

namespace Millrace.Commands;

/// <summary>
/// Encrypts the marked values of the answers that a command stores for its idempotency keys, and decrypts them. The
/// store compares the bytes of stored answers, so they are encrypted before they become part of a commit request. An
/// answer lists the paths of its encrypted values, so that it stays readable after a mark was removed. Thread-safe.
/// </summary>
internal sealed class AnswerProtection
{
    private const string PathsName = "encrypted";
    private const string ValuePath = "/" + StoredAnswer.ValueName;

    private readonly StoreProtection? _protection;
    private readonly string _command;
    private readonly MarkNode? _marks;

    /// <param name="protection">The encryption of the store; null without keys.</param>
    /// <param name="definition">The command.</param>
    public AnswerProtection(StoreProtection? protection, CommandDefinition definition)
    {
        _protection = protection;
        _command = definition.Name;
        if (protection is { Keys: not null, Model.HasMarks: true })
            _marks = MarkNode.Of(MembersOf(protection.Model, definition));
    }

    /// <summary>
    /// Returns the answer with encrypted values. Values of erased data subjects become the values after erasure.
    /// </summary>
    /// <exception cref="ProtectedValueException">The subject of a marked value is missing.</exception>
    /// <exception cref="KeyStoreException">The key store cannot be used.</exception>
    public async ValueTask<byte[]> Encrypt(IdempotencyKey key, byte[] answer, CancellationToken cancellationToken)
    {
        if (_marks is null || _protection is not { Keys: { } keys })
            return answer;
        var values = MarkedValueLocator.Find(answer, _marks, null, $"{_command} (answer)");
        if (values.Count == 0)
            return answer;
        var place = PlaceOf(_protection, key);
        var dataKeys = await ValueKeys.Of(keys, values, place.Tenant, cancellationToken).ConfigureAwait(false);
        var (json, info) = new PayloadEncryption(answer, values, dataKeys, place).Run(refusesErased: false);
        return info.Fields.IsEmpty ? json : WithPaths(json, info.Fields);
    }

    /// <summary>Returns a stored answer with decrypted values.</summary>
    /// <exception cref="KeyStoreException">The application has no keys, or the key store cannot be used.</exception>
    /// <exception cref="StorageException">A value was changed, or moved from another answer.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> Decrypt(
        IdempotencyKey key, ReadOnlyMemory<byte> answer, CancellationToken cancellationToken)
    {
        if (answer.Span.IndexOf(CipherText.Prefix) < 0 || PathsOf(answer) is not { IsEmpty: false } paths)
            return answer;
        if (_protection is not { Keys: not null })
        {
            throw new KeyStoreException(
                $"The stored answer of '{_command}' contains encrypted values, and this application has no keys. "
                    + "Configure them with UseSqliteKeys or UsePostgreSqlKeys.",
                StorageProblem.Other);
        }
        var located = _protection.Revealer.Locate(answer, new EncryptedPaths(paths), PlaceOf(_protection, key));
        var revealed = await _protection.Revealer.Reveal(located, cancellationToken).ConfigureAwait(false);
        return revealed.Problem is null
            ? revealed.Json
            : throw new StorageException(
                $"The stored answer of '{_command}' cannot be decrypted: {revealed.Problem}", StorageProblem.Damaged);
    }

    /// <summary>
    /// Returns the encrypted members of an answer. The text of a refusal can contain any value. The digest of a command
    /// with marks is encrypted, because a short value could be guessed from it.
    /// </summary>
    private static IEnumerable<ProtectedMember> MembersOf(ProtectionModel model, CommandDefinition definition)
    {
        foreach (var member in model.MembersOfAnswer(definition.ResultType))
        {
            yield return member with
            {
                Path = ValuePath + member.Path,
                Subject = member.Subject is { } subject ? ValuePath + subject : null,
            };
        }
        yield return ProtectionModel.Derived("/" + RecordedRefusal.ProblemName);
        if (model.OfMessage(definition.CommandType) is not null)
            yield return ProtectionModel.Derived("/" + StoredAnswer.CommandName);
    }

    /// <summary>Returns the place of the values of an answer.</summary>
    /// <param name="tenant">The tenant; empty for none.</param>
    /// <param name="scope">The scope of the idempotency key, without the prefix of the tenant.</param>
    /// <param name="id">The idempotency key.</param>
    public static ProtectionContext PlaceOf(string tenant, string scope, string id) =>
        new("answer", tenant, scope, id, "");

    private static ProtectionContext PlaceOf(StoreProtection protection, IdempotencyKey key) =>
        PlaceOf(protection.Scope.Tenant, key.Scope, key.Id);

    /// <summary>Adds the paths as the last member of the answer, which is a JSON object with other members.</summary>
    private static byte[] WithPaths(ReadOnlySpan<byte> json, ImmutableArray<string> paths)
    {
        var output = new ArrayBufferWriter<byte>(json.Length + 64);
        output.Write(json[..^1]);
        output.Write(","u8);
        using (var writer = new Utf8JsonWriter(output, new JsonWriterOptions { SkipValidation = true }))
        {
            writer.WritePropertyName(PathsName);
            writer.WriteStartArray();
            foreach (var path in paths)
                writer.WriteStringValue(path);
            writer.WriteEndArray();
        }
        output.Write("}"u8);
        return output.WrittenSpan.ToArray();
    }

    private static ImmutableArray<string> PathsOf(ReadOnlyMemory<byte> answer)
    {
        using var json = JsonDocument.Parse(answer);
        return json.RootElement.TryGetProperty(PathsName, out var paths)
            ? [.. paths.EnumerateArray().Select(static path => path.GetString() ?? "")]
            : [];
    }
}
