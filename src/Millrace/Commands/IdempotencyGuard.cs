using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Millrace.Storage;

namespace Millrace;

/// <summary>Keeps the first answer to an idempotency key with the command's commit, and gives it again to every
/// repetition.</summary>
internal sealed class IdempotencyGuard<TResult>(CommandDefinition definition, CommandRuntime runtime)
{
    private const int MaxKeyLength = 256;
    private const int MaxReplacements = 100; // As many copies may be refused at the same moment.
    private readonly JsonTypeInfo<TResult>? _answer = AnswerJson(definition, runtime.Json);

    /// <exception cref="InvalidNameException">The key is empty, or the key or the user's id is too long or not well
    /// formed.</exception>
    /// <exception cref="InvalidOperationException">The command's answer cannot be kept.</exception>
    public IdempotencyKey? KeyOf(object command, SendOptions? options)
    {
        if (options?.IdempotencyKey is not { } key)
            return null;
        if (key.Length == 0)
            throw new InvalidNameException("idempotency key", key, $"it must have from 1 to {MaxKeyLength} characters");
        WellFormedText.Check("idempotency key", key, MaxKeyLength);
        if (_answer is null)
        {
            throw new InvalidOperationException(
                $"The answer of '{definition.Name}' ({typeof(TResult).Name}) cannot be kept for its idempotency key: "
                + "add its JSON metadata to the model.");
        }
        var user = options.Metadata?.UserId ?? options.User?.FindFirst("sub")?.Value;
        WellFormedText.Check("user id of an idempotency key", user, MaxKeyLength); // Both are in one index.
        return new IdempotencyKey(
            user is null ? definition.Name : $"{definition.Name}:{user}", key, FingerprintOf(command))
        {
            RedeliveryDeadline = options.RedeliveryDeadline,
        };
    }

    /// <summary>The first answer, when the key was handled before.</summary>
    public async ValueTask<CommandResult<TResult>?> FindFirst(IdempotencyKey? key, CancellationToken cancellationToken)
    {
        if (key is null)
            return null;
        var answer = await runtime
            .Store.Storage.Log.FindHandled(key.Scope, key.Id, cancellationToken)
            .ConfigureAwait(false);
        return answer is null ? null : Read(key, answer);
    }

    /// <summary>Keeps an answer with the request that does the command's work.</summary>
    public void Mark(AppendRequest request, IdempotencyKey? key, TResult value)
    {
        if (key is null)
            return;
        var answer = Write(key, writer =>
        {
            writer.WriteNumber("version", VersionAfter(request));
            writer.WriteNumber("logEpoch", runtime.Store.Tail.Head.Epoch);
            writer.WritePropertyName("value");
            JsonSerializer.Serialize(writer, value, _answer!); // A key is only made when the answer can be written.
        });
        var window = runtime.Time.GetUtcNow() + runtime.IdempotencyWindow;
        request.With(
            new HandledMark(
                key.Scope, key.Id, answer, key.RedeliveryDeadline is { } later && later > window ? later : window));
    }

    /// <summary>
    /// Keeps a refusal as the first answer while copies come, or for longer that of a copy. Returns the answer that
    /// there is already, of a copy that was done meanwhile; null when there is none.
    /// </summary>
    /// <exception cref="CommandAlreadyRefusedException">A copy was refused as well, and that is kept.</exception>
    public async ValueTask<CommandResult<TResult>?> RecordRefusal(
        IdempotencyKey key, Exception refusal, CancellationToken cancellationToken)
    {
        var until = key.RedeliveryDeadline ?? throw new ArgumentException("No copy of it comes.", nameof(key));
        var before = refusal as CommandAlreadyRefusedException;
        for (var tries = 0; tries < MaxReplacements; tries++)
        {
            if (before?.Refusal.Until >= until)
                throw before;
            var kept = before is null
                ? new RecordedRefusal(refusal.GetType().Name, refusal.Message, until)
                : before.Refusal with { Until = until };
            var request = new AppendRequest();
            request.With(new HandledMark(key.Scope, key.Id, Write(key, kept.Write), until) { Replaces = before?.Note });
            var outcome = await runtime.Store.TryAppend(request, cancellationToken).ConfigureAwait(false);
            if (outcome.FirstAnswer is not { } first)
                return before is null ? null : throw before;
            try
            {
                return Read(key, first);
            }
            catch (CommandAlreadyRefusedException another)
            {
                before = another; // Of another copy, that was handled at the same time.
            }
        }
        throw new StorageException(
            $"The refusal of '{definition.Name}' could not be kept: after {MaxReplacements} tries another one stands.",
            StorageProblem.Busy);
    }

    /// <exception cref="IdempotencyKeyReusedException">The answer is that to another command.</exception>
    /// <exception cref="CommandAlreadyRefusedException">It was a refusal.</exception>
    public CommandResult<TResult> Read(IdempotencyKey key, HandledAnswer answer)
    {
        using var json = JsonDocument.Parse(answer.Answer);
        var root = json.RootElement;
        if (root.GetProperty("command").GetString() is { } fingerprint
            && key.Fingerprint is not null
            && fingerprint != key.Fingerprint)
            throw new IdempotencyKeyReusedException(definition.Name, key.Id);
        if (RecordedRefusal.Find(root) is { } refusal)
            throw new CommandAlreadyRefusedException(refusal, answer.Answer);
        var value = JsonSerializer.Deserialize(root.GetProperty("value"), _answer!)!; // As it was written.
        var token = new ConsistencyToken(root.GetProperty("logEpoch").GetInt64(), answer.Position);
        return new CommandResult<TResult>(value, root.GetProperty("version").GetInt64(), token, WasRepeated: true);
    }

    private static byte[] Write(IdempotencyKey key, Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("command", key.Fingerprint);
            write(writer);
            writer.WriteEndObject();
        }
        return buffer.WrittenMemory.ToArray();
    }

    private static JsonTypeInfo<TResult>? AnswerJson(CommandDefinition definition, JsonSerializerOptions options)
    {
        if (definition.AnswerJson is JsonTypeInfo<TResult> given)
            return given;
        return options.TryGetTypeInfo(typeof(TResult), out var found) ? (JsonTypeInfo<TResult>)found : null;
    }

    /// <summary>The version that the first stream will have: known where an exact one is expected.</summary>
    private static long VersionAfter(AppendRequest request) =>
        request.Streams.Count > 0 && request.Streams[0] is { Expected.IsExact: true } first
            ? first.Expected.Version + first.Events.Count
            : 0;

    /// <summary>Tells one command's contents from another's, where they can be written as JSON.</summary>
    private string? FingerprintOf(object command)
    {
        if (!runtime.Json.TryGetTypeInfo(definition.CommandType, out var json))
            return null;
        return Convert.ToHexStringLower(
            SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(command, json)).AsSpan(0, 16));
    }
}

/// <summary>An idempotency key as it is stored.</summary>
/// <param name="Scope">The command's name and the user.</param>
/// <param name="Id">The key as given.</param>
/// <param name="Fingerprint">Tells the command's contents; null when they cannot be written.</param>
internal sealed record IdempotencyKey(string Scope, string Id, string? Fingerprint)
{
    /// <summary>Until when a copy of the command may come by itself; null where none does.</summary>
    public DateTimeOffset? RedeliveryDeadline { get; init; }

    /// <summary>The id of the command: that of each repetition, also where the one before failed or its node
    /// died.</summary>
    public Guid CommandId { get; } = CommandIds.Of(
        "key", Scope.Length.ToString(CultureInfo.InvariantCulture), Scope, Id, Fingerprint ?? "");
}
