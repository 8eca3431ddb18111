using System.Globalization;

namespace Commerce.Retail;

/// <summary>
/// Shows the progress of an import on standard error. A terminal shows a bar. Otherwise, a line is written from time to
/// time.
/// </summary>
public sealed class ProgressBar(RetailImport import, TimeProvider time)
{
    private const int Width = 30;

    private readonly bool _isTerminal = !Console.IsErrorRedirected;

    /// <summary>Waits for the import and shows its progress.</summary>
    public async Task<ConsistencyToken> Watch(Task<ConsistencyToken> importing)
    {
        var begun = time.GetTimestamp();
        var interval = _isTerminal ? TimeSpan.FromMilliseconds(100) : TimeSpan.FromSeconds(2);
        while (await Task.WhenAny(importing, Task.Delay(interval, time)) != importing)
            Show(begun);
        var token = await importing;
        Show(begun);
        if (_isTerminal)
            await Console.Error.WriteLineAsync();
        return token;
    }

    private void Show(long begun)
    {
        var (done, seconds) = (import.Progress, time.GetElapsedTime(begun).TotalSeconds);
        var linesPerSecond = import.Lines / Math.Max(seconds, 0.001);
        var bar = new string('#', (int)(done * Width)).PadRight(Width, '.');
        var text = string.Create(
            CultureInfo.InvariantCulture, $"[{bar}] {done,4:P0}  {import.Lines,9:N0} lines  {linesPerSecond,7:N0}/s");
        if (_isTerminal)
            Console.Error.Write($"\r{text}");
        else
            Console.Error.WriteLine(text);
    }
}
