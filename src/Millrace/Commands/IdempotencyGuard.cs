using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Millrace.Events;
using Millrace.Storage;
using Millrace.Store;

namespace Millrace.Commands;

/// <summary>
/// Stores the first answer to an idempotency key in the command's commit, and returns this answer for every repetition.
/// </summary>
internal sealed class IdempotencyGuard<TResult>(CommandDefinition definition, CommandDispatcher dispatcher)
{
    private const int MaxKeyLength = 256;
    private const int MaxReplacements = 100; // The number of concurrent duplicates that may replace the refusal.
    private readonly JsonTypeInfo<TResult>? _answer = AnswerJson(definition, dispatcher.Json);
    private readonly AnswerProtection _protection = new(dispatcher.Store.Stored.Protection, definition);

    /// <summary>Returns the idempotency key of a command; null if the sender set no key.</summary>
    /// <exception cref="InvalidNameException">The key is empty, or the key or the user id is too long or not well
    /// formed.</exception>
    /// <exception cref="InvalidOperationException">The answer of the command cannot be stored.</exception>
    public IdempotencyKey? KeyOf(object command, SendOptions? options, IServiceProvider services)
    {
        if (options?.IdempotencyKey is not { } key)
            return null;
        if (key.Length == 0)
            throw new InvalidNameException("idempotency key", key, $"it must have from 1 to {MaxKeyLength} characters");
        WellFormedText.Check("idempotency key", key, MaxKeyLength);
        if (_answer is null)
        {
            throw new InvalidOperationException(
                $"The answer of '{definition.Name}' ({typeof(TResult).Name}) cannot be stored for its idempotency key: "
                + "add its JSON metadata to the model.");
        }
        var user = dispatcher.Users.IdOf(options, services);
        WellFormedText.Check("user id of an idempotency key", user, MaxKeyLength); // Stored in the same index.
        return new IdempotencyKey(
            user is null ? definition.Name : $"{definition.Name}:{user}", key, FingerprintOf(command))
        {
            RedeliveryDeadline = options.RedeliveryDeadline,
            PlacedBy = dispatcher.Store.Tokens.IsSharded ? definition.TargetOf(command) : null,
        };
    }

    /// <summary>Returns the first answer; null if the key was not handled before.</summary>
    public async ValueTask<CommandResult<TResult>?> FindFirstAnswer(
        IdempotencyKey? key, CancellationToken cancellationToken)
    {
        if (key is null)
            return null;
        var answer = await dispatcher
            .Store.Storage.Log.FindHandled(key.Scope, key.Id, cancellationToken)
            .ConfigureAwait(false);
        return answer is null ? null : await Read(key, answer, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Adds the answer, with encrypted values, to the request that commits the command.</summary>
    /// <exception cref="ProtectedValueException">The subject of a marked value is missing.</exception>
    /// <exception cref="KeyStoreException">The key store cannot be used.</exception>
    public async ValueTask AddAnswer(
        AppendRequest request, IdempotencyKey key, TResult value, CancellationToken cancellationToken)
    {
        request.PlacedBy ??= key.PlacedBy;
        var logEpoch = await dispatcher.Store.Tokens.GetEpoch(request, cancellationToken).ConfigureAwait(false);
        var answer = Write(key, writer =>
        {
            writer.WriteNumber("version", VersionAfter(request));
            writer.WriteNumber("logEpoch", logEpoch);
            writer.WritePropertyName(StoredAnswer.ValueName);
            JsonSerializer.Serialize(writer, value, _answer!); // The key only exists if the answer can be written.
        });
        var windowEnd = dispatcher.Time.GetUtcNow() + dispatcher.IdempotencyWindow;
        var until = key.RedeliveryDeadline is { } deadline && deadline > windowEnd ? deadline : windowEnd;
        answer = await _protection.Encrypt(key, answer, cancellationToken).ConfigureAwait(false);
        request.With(new HandledMark(key.Scope, key.Id, answer, until));
    }

    /// <summary>
    /// Records a refusal as the first answer until the redelivery deadline of the command. A later deadline of another
    /// duplicate is kept. If a duplicate was handled at the same time, returns its answer; otherwise returns null.
    /// </summary>
    /// <exception cref="CommandAlreadyRefusedException">A duplicate was also refused, and its refusal is
    /// recorded.</exception>
    public async ValueTask<CommandResult<TResult>?> RecordRefusal(
        IdempotencyKey key, Exception refusal, CancellationToken cancellationToken)
    {
        var until = key.RedeliveryDeadline
            ?? throw new ArgumentException("The command has no redelivery deadline.", nameof(key));
        var previous = refusal as CommandAlreadyRefusedException;
        for (var tries = 0; tries < MaxReplacements; tries++)
        {
            if (previous?.Refusal.Until >= until)
                throw previous;
            var recorded = previous is null
                ? new RecordedRefusal(refusal.GetType().Name, refusal.Message, until)
                : previous.Refusal with { Until = until };
            var answer = await _protection
                .Encrypt(key, Write(key, recorded.Write), cancellationToken)
                .ConfigureAwait(false);
            var request = new AppendRequest { PlacedBy = key.PlacedBy };
            request.With(new HandledMark(key.Scope, key.Id, answer, until) { Replaces = previous?.StoredBytes });
            var outcome = await dispatcher.Store.TryAppend(request, cancellationToken).ConfigureAwait(false);
            if (outcome.FirstAnswer is not { } first)
                return previous is null ? null : throw previous;
            try
            {
                return await Read(key, first, cancellationToken).ConfigureAwait(false);
            }
            catch (CommandAlreadyRefusedException another)
            {
                previous = another; // The refusal of another duplicate that was handled at the same time.
            }
        }
        throw new StorageException(
            $"The refusal of '{definition.Name}' could not be stored: duplicates replaced it {MaxReplacements} times.",
            StorageProblem.Busy);
    }

    /// <summary>Returns the result in a stored answer.</summary>
    /// <exception cref="IdempotencyKeyReusedException">The stored answer belongs to another command.</exception>
    /// <exception cref="CommandAlreadyRefusedException">The stored answer is a refusal.</exception>
    /// <exception cref="KeyStoreException">The key store cannot be used.</exception>
    public async ValueTask<CommandResult<TResult>> Read(
        IdempotencyKey key, HandledAnswer answer, CancellationToken cancellationToken)
    {
        var readable = await _protection.Decrypt(key, answer.Answer, cancellationToken).ConfigureAwait(false);
        using var json = JsonDocument.Parse(readable);
        var root = json.RootElement;
        if (root.GetProperty(StoredAnswer.CommandName).GetString() is { } fingerprint
            && key.Fingerprint is not null
            && fingerprint != key.Fingerprint)
            throw new IdempotencyKeyReusedException(definition.Name, key.Id);
        if (RecordedRefusal.Find(root) is { } refusal)
            throw new CommandAlreadyRefusedException(refusal, answer.Answer);
        // AddAnswer wrote the value.
        var value = JsonSerializer.Deserialize(root.GetProperty(StoredAnswer.ValueName), _answer!)!;
        var token = StoreTokens.Of(answer, root.GetProperty("logEpoch").GetInt64());
        return new CommandResult<TResult>(value, root.GetProperty("version").GetInt64(), token, WasRepeated: true);
    }

    private static byte[] Write(IdempotencyKey key, Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString(StoredAnswer.CommandName, key.Fingerprint);
            write(writer);
            writer.WriteEndObject();
        }
        return buffer.WrittenMemory.ToArray();
    }

    private static JsonTypeInfo<TResult>? AnswerJson(CommandDefinition definition, JsonSerializerOptions options)
    {
        if (definition.AnswerJson is JsonTypeInfo<TResult> answerJson)
            return answerJson;
        return options.TryGetTypeInfo(typeof(TResult), out var found) ? (JsonTypeInfo<TResult>)found : null;
    }

    /// <summary>
    /// Returns the version that the first stream has after the commit. The version is known only if an exact version is
    /// expected.
    /// </summary>
    private static long VersionAfter(AppendRequest request) =>
        request.Streams.Count > 0 && request.Streams[0] is { Expected.IsExact: true } first
            ? first.Expected.Version + first.Events.Count
            : 0;

    /// <summary>
    /// Returns a fingerprint of the command's contents; null if the contents cannot be written as JSON.
    /// </summary>
    private string? FingerprintOf(object command)
    {
        if (!dispatcher.Json.TryGetTypeInfo(definition.CommandType, out var json))
            return null;
        return Convert.ToHexStringLower(
            SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(command, json)).AsSpan(0, 16));
    }
}

/// <summary>The stored form of an idempotency key.</summary>
/// <param name="Scope">The scope of the key, which consists of the name of the command and the user.</param>
/// <param name="Id">The key that the sender set.</param>
/// <param name="Fingerprint">The fingerprint of the command's contents; null if the contents cannot be written.</param>
internal sealed record IdempotencyKey(string Scope, string Id, string? Fingerprint)
{
    /// <summary>
    /// Gets the time until which a duplicate may be redelivered; null if no duplicate can be redelivered.
    /// </summary>
    public DateTimeOffset? RedeliveryDeadline { get; init; }

    /// <summary>
    /// Gets the stream whose shard stores an answer that is not stored with events; null if the command declares none.
    /// </summary>
    public StreamId? PlacedBy { get; init; }

    /// <summary>
    /// Gets the id of the command. The id is the same for every repetition, even after a failure or a crash of the
    /// node.
    /// </summary>
    public Guid CommandId { get; } = CommandIds.Of(
        "key", Scope.Length.ToString(CultureInfo.InvariantCulture), Scope, Id, Fingerprint ?? "");
}
