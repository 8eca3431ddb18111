using System.Globalization;
using Millrace.Storage;

namespace Millrace.Testing.Conformance;

/// <summary>
/// Contains the assertions of the checks. Each assertion throws an exception that describes the failure.
/// </summary>
internal static class Expect
{
    private const int MaxDisplayLength = 200;

    public static void True(bool condition, string problem)
    {
        if (!condition)
            throw new ConformanceException($"— {problem}");
    }

    public static void Equal<T>(T expected, T actual, string subject)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
            throw new ConformanceException($"— {subject}: expected {Display(expected)}, but was {Display(actual)}.");
    }

    public static void Same<T>(IEnumerable<T> expected, IEnumerable<T> actual, string subject)
    {
        var left = expected.ToList();
        var right = actual.ToList();
        var equalCount = left.Zip(right)
            .TakeWhile(pair => EqualityComparer<T>.Default.Equals(pair.First, pair.Second))
            .Count();
        if (equalCount == left.Count && equalCount == right.Count)
            return;
        throw new ConformanceException(
            $"— {subject}: expected {left.Count} but got {right.Count}, different from element {equalCount + 1} on: "
            + $"expected {Display(left.ElementAtOrDefault(equalCount))}, "
            + $"but was {Display(right.ElementAtOrDefault(equalCount))}.");
    }

    public static void SameBytes(ReadOnlyMemory<byte> expected, ReadOnlyMemory<byte> actual, string subject)
    {
        var same = expected.Span.CommonPrefixLength(actual.Span);
        True(
            same == expected.Length && same == actual.Length,
            $"{subject}: {expected.Length} bytes were stored and {actual.Length} were read. "
            + $"They differ from byte {same} on.");
    }

    public static T One<T>(this IEnumerable<T> items)
    {
        var found = items.ToList();
        return found.Count == 1 ? found[0] : throw new ConformanceException(
            $"— one {typeof(T).Name} was expected, but there are {found.Count}.");
    }

    public static T NotNull<T>(T? value, string subject)
        where T : class =>
        value ?? throw new ConformanceException($"— {subject} is missing.");

    public static void Committed(CommitOutcome outcome, string subject = "the request")
    {
        if (outcome.Result != CommitResult.Committed)
            throw new ConformanceException(
                $"— {subject}: expected to be committed, but was {outcome.Result}: {outcome.Refusal?.Message}");
    }

    public static TRefusal Refused<TRefusal>(CommitOutcome outcome, string subject = "the request")
        where TRefusal : MillraceException
    {
        if (outcome.Result != CommitResult.Refused)
            throw new ConformanceException(
                $"— {subject}: expected a refusal with {typeof(TRefusal).Name}, but was {outcome.Result}.");
        return outcome.Refusal as TRefusal
            ?? throw new ConformanceException(
                $"— {subject}: expected a refusal with {typeof(TRefusal).Name}, but got: {outcome.Refusal}");
    }

    public static async Task<TException> Throws<TException>(Func<Task> action, string subject)
        where TException : Exception
    {
        try
        {
            await action();
        }
        catch (TException exception)
        {
            return exception;
        }
        throw new ConformanceException($"— {subject}: expected {typeof(TException).Name}, but nothing was thrown.");
    }

    private static string Display(object? value)
    {
        var text = value switch
        {
            null => "nothing",
            string quoted => $"'{quoted}'",
            _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
        };
        return text.Length <= MaxDisplayLength ? text : text[..MaxDisplayLength] + "…";
    }
}
