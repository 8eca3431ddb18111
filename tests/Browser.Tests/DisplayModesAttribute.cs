using System.Reflection;
using Xunit.Sdk;

namespace Browser.Tests;

/// <summary>
/// Runs a theory with the names of display modes: in a short run with a light desktop or a dark phone, by turns for the
/// theories of a class, and with <c>./test --long</c> with all.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class DisplayModesAttribute : DataAttribute
{
    private const int ModesByTurns = 2;

    /// <inheritdoc/>
    public override IEnumerable<object[]> GetData(MethodInfo testMethod)
    {
        IEnumerable<DisplayMode> modes = TestRun.IsLong
            ? DisplayMode.All
            : [DisplayMode.All[IndexOf(testMethod) % ModesByTurns]];
        return modes.Select(static mode => new object[] { mode.Name });
    }

    // The length of the name of the class decides its first mode, as most classes have one such theory.
    private static int IndexOf(MethodInfo theory) =>
        theory.ReflectedType!.Name.Length + TestRun.IndexOf<DisplayModesAttribute>(theory);
}
