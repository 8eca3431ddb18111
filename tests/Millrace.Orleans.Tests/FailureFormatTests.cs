using System.Text.Json;
using Millrace.Orleans.Calls;
using Millrace.Storage;

namespace Millrace.Orleans.Tests;

/// <summary>Tests of exceptions that nodes send to each other.</summary>
public sealed class FailureFormatTests
{
    private static readonly StreamId Stream = new("account-1");

    public static TheoryData<Exception> Known =>
    [
        new StorageException("lost", StorageProblem.InDoubt),
        new StorageException("full", StorageProblem.Full),
        new InvariantViolatedException("Account", "rule", "message"),
        new WrongStateException("Account", "open", "closed", "be changed"),
        new AggregateNotFoundException("Account", Stream),
        new AggregateExistsException("Account", Stream),
        new VersionConflictException(Stream, ExpectedVersion.Exactly(2), 3),
        new VersionConflictException(Stream, ExpectedVersion.NoStream, 1),
        new ClaimTakenException("email", "a@b.c", "account-2"),
        new ValidationFailedException("deposit", [new("amount", "positive"), new("id", "short")]),
        new AccessDeniedException("deposit", "no", isAuthenticated: true) { Permission = "send deposit" },
        new IdempotencyKeyReusedException("deposit", "key"),
    ];

    [Theory]
    [MemberData(nameof(Known))]
    public void An_exception_that_a_sender_expects_is_read_as_it_was_written(Exception failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        using var written = JsonDocument.Parse(FailureFormat.TryWrite(failure)!);

        var read = FailureFormat.TryRead(written.RootElement);

        Assert.Equal(failure.GetType(), read?.GetType());
        Assert.Equal(TextOf(failure), TextOf(read!));
    }

    [Fact]
    public void An_exception_of_the_application_is_not_written() =>
        Assert.Null(FailureFormat.TryWrite(new OverdrawnException(1)));

    [Theory]
    [InlineData(StorageProblem.Unavailable)]
    [InlineData(StorageProblem.Closed)]
    [InlineData(StorageProblem.Moved)]
    [InlineData(StorageProblem.Busy)]
    public void A_problem_that_the_sender_may_not_have_is_not_written(StorageProblem problem) =>
        Assert.Null(FailureFormat.TryWrite(new StorageException("of this node", problem)));

    private static string TextOf(Exception failure) => string.Join('\n', failure.GetType().GetProperties()
        .Where(static property => property.DeclaringType!.Assembly == typeof(MillraceException).Assembly)
        .Select(property => $"{property.Name}: {ValueOf(property.GetValue(failure))}")
        .Append(failure.Message));

    private static object? ValueOf(object? value) =>
        value is IEnumerable<ValidationProblem> problems ? string.Join(", ", problems) : value;
}
