namespace Millrace.Testing;

/// <summary>
/// Distinguishes the specification's own timeout from a <see cref="TimeoutException"/> of the application, which is the
/// result of a step and can be expected.
/// </summary>
internal static class StepTimeout
{
    private static readonly object Mark = typeof(StepTimeout).FullName!; // Not a generic parameter.

    public static TimeoutException Reached(string message) => new(message) { Data = { [Mark] = true } };

    public static bool IsReached(Exception exception) => exception is TimeoutException && exception.Data.Contains(Mark);
}
