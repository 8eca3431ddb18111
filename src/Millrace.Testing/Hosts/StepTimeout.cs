namespace Millrace.Testing.Hosts;

/// <summary>
/// Distinguishes the specification's own timeout from a <see cref="TimeoutException"/> of the application. The
/// application's exception is the result of a step, which the specification can expect.
/// </summary>
internal static class StepTimeout
{
    private static readonly object Mark = typeof(StepTimeout).FullName!; // Null only for a generic parameter.

    public static TimeoutException Reached(string message) => new(message) { Data = { [Mark] = true } };

    public static bool IsReached(Exception exception) => exception is TimeoutException && exception.Data.Contains(Mark);
}
