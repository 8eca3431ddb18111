using System.Globalization;
using Millrace.Storage;

namespace Millrace.Testing.Conformance;

/// <summary>
/// Contains the assertions of the checks. Each assertion throws an exception that describes the failure.
/// </summary>
internal static class Expect
{
    private const int MaxShown = 200;

    public static void True(bool condition, string problem)
    {
        if (!condition)
            throw new ConformanceException($"— {problem}");
    }

    public static void Equal<T>(T expected, T actual, string what)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
            throw new ConformanceException($"— {what}: expected {Show(expected)}, but was {Show(actual)}.");
    }

    public static void Same<T>(IEnumerable<T> expected, IEnumerable<T> actual, string what)
    {
        var left = expected.ToList();
        var right = actual.ToList();
        var differs = left.Zip(right)
            .TakeWhile(pair => EqualityComparer<T>.Default.Equals(pair.First, pair.Second))
            .Count();
        if (differs == left.Count && differs == right.Count)
            return;
        throw new ConformanceException(
            $"— {what}: expected {left.Count} but got {right.Count}, different from element {differs + 1} on: "
            + $"expected {Show(left.ElementAtOrDefault(differs))}, but was {Show(right.ElementAtOrDefault(differs))}.");
    }

    public static void SameBytes(ReadOnlyMemory<byte> expected, ReadOnlyMemory<byte> actual, string what)
    {
        var same = expected.Span.CommonPrefixLength(actual.Span);
        True(
            same == expected.Length && same == actual.Length,
            $"{what}: {expected.Length} bytes were stored and {actual.Length} were read. "
            + $"They differ from byte {same} on.");
    }

    public static T One<T>(this IEnumerable<T> items)
    {
        var found = items.ToList();
        return found.Count == 1 ? found[0] : throw new ConformanceException(
            $"— one {typeof(T).Name} was expected, but there are {found.Count}.");
    }

    public static T NotNull<T>(T? value, string what)
        where T : class =>
        value ?? throw new ConformanceException($"— {what} is missing.");

    public static void Committed(CommitOutcome outcome, string what = "the request")
    {
        if (outcome.Result != CommitResult.Committed)
            throw new ConformanceException(
                $"— {what}: expected to be committed, but was {outcome.Result}: {outcome.Refusal?.Message}");
    }

    public static TRefusal Refused<TRefusal>(CommitOutcome outcome, string what = "the request")
        where TRefusal : MillraceException
    {
        if (outcome.Result != CommitResult.Refused)
            throw new ConformanceException(
                $"— {what}: expected a refusal with {typeof(TRefusal).Name}, but was {outcome.Result}.");
        return outcome.Refusal as TRefusal
            ?? throw new ConformanceException(
                $"— {what}: expected a refusal with {typeof(TRefusal).Name}, but got: {outcome.Refusal}");
    }

    public static async Task<TException> Throws<TException>(Func<Task> action, string what)
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
        throw new ConformanceException($"— {what}: expected {typeof(TException).Name}, but nothing was thrown.");
    }

    private static string Show(object? value)
    {
        var text = value switch
        {
            null => "nothing",
            string given => $"'{given}'",
            _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
        };
        return text.Length <= MaxShown ? text : text[..MaxShown] + "…";
    }
}
