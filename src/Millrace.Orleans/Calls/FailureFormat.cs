using System.Text.Json;
using Millrace.Storage;

namespace Millrace.Orleans.Calls;

/// <summary>
/// Writes and reads the exceptions of commands that a sender can expect. A command with another exception was not
/// committed: its sender handles it again, and gets the exception itself.
/// </summary>
internal static class FailureFormat
{
    private const string Type = "type";
    private const string Message = "message";
    private const string Subject = "subject"; // The aggregate, the command or the scope.
    private const string Rule = "rule";
    private const string State = "state";
    private const string Action = "action";
    private const string Stream = "stream";
    private const string Expected = "expected";
    private const string Actual = "actual";
    private const string Owner = "owner";
    private const string Problems = "problems";
    private const string IsAuthenticated = "isAuthenticated";
    private const string Permission = "permission";
    private const string IsLikeMissing = "isLikeMissing";

    /// <summary>Writes an exception; returns null if it cannot be written and the command wrote nothing.</summary>
    public static byte[]? TryWrite(Exception failure)
    {
        Action<Utf8JsonWriter>? write = failure switch
        {
            StorageException { IsInDoubt: true } doubt => writer => WriteStorage(writer, doubt),
            StorageException stored when stored.GetType() == typeof(StorageException) && !IsOfNode(stored.Problem) =>
                writer => WriteStorage(writer, stored),
            WrongStateException wrong => writer => WriteWrongState(writer, wrong),
            InvariantViolatedException broken when broken.GetType() == typeof(InvariantViolatedException) =>
                writer => Write(writer, nameof(InvariantViolatedException), broken.Aggregate, broken.Invariant,
                    (Message, broken.Message)),
            AggregateNotFoundException missing => writer => Write(
                writer, nameof(AggregateNotFoundException), missing.Aggregate, null, (Stream, missing.Stream.Value)),
            AggregateExistsException existing => writer => Write(
                writer, nameof(AggregateExistsException), existing.Aggregate, null, (Stream, existing.Stream.Value)),
            VersionConflictException { Expected.IsExact: true } conflict => writer => WriteConflict(writer, conflict),
            ClaimTakenException taken => writer => Write(
                writer, nameof(ClaimTakenException), taken.Scope, taken.Value, (Owner, taken.Owner)),
            ValidationFailedException invalid => writer => WriteProblems(writer, invalid),
            AccessDeniedException denied => writer => WriteDenied(writer, denied),
            IdempotencyKeyReusedException reused => writer =>
                Write(writer, nameof(IdempotencyKeyReusedException), reused.Command, reused.Key),
            _ => null,
        };
        return write is null ? null : AnswerWriter.Write(AnswerKind.Failed, write);
    }

    /// <summary>Returns the exception; null if this version does not know its type.</summary>
    public static Exception? TryRead(JsonElement failure) => failure.Required(Type) switch
    {
        nameof(StorageException) => new StorageException(
            failure.Required(Message), (StorageProblem)failure.GetProperty(State).GetInt32()),
        nameof(WrongStateException) => new WrongStateException(
            failure.Required(Subject), failure.Required(Rule), failure.Required(State), failure.Required(Action)),
        nameof(InvariantViolatedException) => new InvariantViolatedException(
            failure.Required(Subject), failure.Required(Rule), failure.Required(Message)),
        nameof(AggregateNotFoundException) =>
            new AggregateNotFoundException(failure.Required(Subject), StreamOf(failure, Stream)),
        nameof(AggregateExistsException) =>
            new AggregateExistsException(failure.Required(Subject), StreamOf(failure, Stream)),
        nameof(VersionConflictException) => new VersionConflictException(
            StreamOf(failure, Subject),
            ExpectedVersion.AsRead(failure.GetProperty(Expected).GetInt64()),
            failure.GetProperty(Actual).GetInt64()),
        nameof(ClaimTakenException) => new ClaimTakenException(
            failure.Required(Subject), failure.Required(Rule), failure.Required(Owner)),
        nameof(ValidationFailedException) => new ValidationFailedException(
            failure.Required(Subject),
            [
                .. failure.GetProperty(Problems).EnumerateArray().Select(static problem =>
                    new ValidationProblem(problem[0].GetString()!, problem[1].GetString()!)),
            ]),
        nameof(AccessDeniedException) => new AccessDeniedException(
            failure.Required(Subject), failure.Required(Rule), failure.GetProperty(IsAuthenticated).GetBoolean())
        {
            Permission = failure.Text(Permission),
            IsLikeMissing = failure.GetProperty(IsLikeMissing).GetBoolean(),
        },
        nameof(IdempotencyKeyReusedException) =>
            new IdempotencyKeyReusedException(failure.Required(Subject), failure.Required(Rule)),
        _ => null,
    };

    /// <summary>
    /// Returns whether another node may not have a problem, such as that of its connection. The sender then handles the
    /// command itself.
    /// </summary>
    private static bool IsOfNode(StorageProblem problem) => problem
        is StorageProblem.Busy
            or StorageProblem.ReadOnly
            or StorageProblem.InputOutput
            or StorageProblem.Unavailable
            or StorageProblem.Closed
            or StorageProblem.TooNew
            or StorageProblem.TooOld
            or StorageProblem.Clock
            or StorageProblem.Moved;

    private static StreamId StreamOf(JsonElement failure, string name) => new(failure.Required(name));

    private static void Write(
        Utf8JsonWriter writer,
        string type,
        string subject,
        string? rule = null,
        params ReadOnlySpan<(string Name, string Value)> others)
    {
        writer.WriteString(Type, type);
        writer.WriteString(Subject, subject);
        if (rule is not null)
            writer.WriteString(Rule, rule);
        foreach (var (name, value) in others)
            writer.WriteString(name, value);
    }

    private static void WriteWrongState(Utf8JsonWriter writer, WrongStateException wrong) => Write(
        writer,
        nameof(WrongStateException),
        wrong.Aggregate,
        wrong.Invariant,
        (State, wrong.State),
        (Action, wrong.RequestedAction));

    private static void WriteConflict(Utf8JsonWriter writer, VersionConflictException conflict)
    {
        Write(writer, nameof(VersionConflictException), conflict.Stream.Value);
        writer.WriteNumber(Expected, conflict.Expected.Version);
        writer.WriteNumber(Actual, conflict.Actual);
    }

    private static void WriteStorage(Utf8JsonWriter writer, StorageException failure)
    {
        writer.WriteString(Type, nameof(StorageException));
        writer.WriteString(Message, failure.Message);
        writer.WriteNumber(State, (int)failure.Problem);
    }

    private static void WriteDenied(Utf8JsonWriter writer, AccessDeniedException denied)
    {
        Write(writer, nameof(AccessDeniedException), denied.Name, denied.Reason);
        writer.WriteBoolean(IsAuthenticated, denied.IsAuthenticated);
        writer.WriteBoolean(IsLikeMissing, denied.IsLikeMissing);
        writer.WriteString(Permission, denied.Permission);
    }

    private static void WriteProblems(Utf8JsonWriter writer, ValidationFailedException invalid)
    {
        Write(writer, nameof(ValidationFailedException), invalid.Command);
        writer.WriteStartArray(Problems);
        foreach (var problem in invalid.Problems)
        {
            writer.WriteStartArray();
            writer.WriteStringValue(problem.Member);
            writer.WriteStringValue(problem.Message);
            writer.WriteEndArray();
        }
        writer.WriteEndArray();
    }
}
