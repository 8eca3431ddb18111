using System.Diagnostics;
using System.Globalization;

namespace Millrace;

/// <summary>
/// Runs a program that sets the number of nodes. It gets the environment variables <c>MILLRACE_NODES</c>,
/// <c>MILLRACE_PREVIOUS_NODES</c>, <c>MILLRACE_CAPACITY_REASON</c> and <c>MILLRACE_CHANGE_ID</c>. An exit code other
/// than 0 is an error.
/// </summary>
/// <param name="program">The program.</param>
/// <param name="arguments">The arguments.</param>
public sealed class CapacityScript(string program, params IReadOnlyList<string> arguments) : ICapacityHook
{
    private const int MaxError = 500;

    private static readonly TimeSpan OutputTimeout = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    public async Task SetNodes(CapacityChange change, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(change);
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        start.Environment["MILLRACE_NODES"] = change.Nodes.ToString(CultureInfo.InvariantCulture);
        start.Environment["MILLRACE_PREVIOUS_NODES"] = change.PreviousNodes.ToString(CultureInfo.InvariantCulture);
        start.Environment["MILLRACE_CAPACITY_REASON"] = change.Reason.ToString();
        start.Environment["MILLRACE_CHANGE_ID"] = change.Id;
        using var process = Process.Start(start)
            ?? throw new InvalidOperationException($"'{program}' did not start.");
        try
        {
            var output = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, cancellationToken);
            var error = ReadStart(process.StandardError, cancellationToken);
            await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
            // A process that the program left in the background may keep both open.
            await Task.WhenAll(output, error).WaitAsync(OutputTimeout, TimeProvider.System, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (process.ExitCode != 0)
            {
                var text = error.IsCompletedSuccessfully ? await error.ConfigureAwait(false) : "";
                throw new InvalidOperationException(
                    $"'{program}' ended with exit code {process.ExitCode}: {text.Trim()}");
            }
        }
        catch (OperationCanceledException)
        {
            Kill(process);
            throw;
        }
    }

    /// <summary>Reads a text to its end, and returns its first characters.</summary>
    private static async Task<string> ReadStart(StreamReader reader, CancellationToken cancellationToken)
    {
        var start = new char[MaxError];
        var length = await reader.ReadBlockAsync(start, cancellationToken).ConfigureAwait(false);
        await reader.BaseStream.CopyToAsync(Stream.Null, cancellationToken).ConfigureAwait(false);
        return new string(start, 0, length);
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended.
        }
    }
}
