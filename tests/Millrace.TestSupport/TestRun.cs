using System.Reflection;

namespace Millrace.TestSupport;

/// <summary>
/// Tells how much of the tests runs. A test with the trait <see cref="Kind"/> of <see cref="Long"/> repeats, with
/// another broker or on all data, what a shorter test proves; <c>./test --long</c> runs it.
/// </summary>
internal static class TestRun
{
    /// <summary>The name of the trait; <c>./test</c> filters by it.</summary>
    public const string Kind = "Run";

    /// <summary>The trait's value of tests that only <c>./test --long</c> runs.</summary>
    public const string Long = "Long";

    /// <summary>The trait's value of tests that <c>./test --quick</c> leaves out.</summary>
    public const string Whole = "Whole";

    /// <summary>Gets whether this is a run of <c>./test --long</c>.</summary>
    public static bool IsLong { get; } = Environment.GetEnvironmentVariable("MILLRACE_LONG") == "1";

    /// <summary>
    /// Returns the index of a theory among those of its class with an attribute, ordered by name. With it, an attribute
    /// chooses the cases of a short run by turns.
    /// </summary>
    public static int IndexOf<TAttribute>(MethodInfo theory)
        where TAttribute : Attribute =>
        // Not null, because a test is a method of a class.
        theory.ReflectedType!.GetMethods()
            .Where(static other => other.IsDefined(typeof(TAttribute), inherit: false))
            .Select(static other => other.Name)
            .Order(StringComparer.Ordinal)
            .ToList()
            .IndexOf(theory.Name);
}
