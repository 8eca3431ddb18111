using System.Diagnostics;
using System.Text;
using Commerce.Tests.Payments;

namespace Commerce.Tests.Services;

/// <summary>A service of the shop as a separate program.</summary>
internal sealed class ServiceProgram(string[] arguments) : IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);

    private readonly StringBuilder _output = new();
    private Process? _process;

    /// <summary>Further environment variables; none by default.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    /// <summary>Its address since the last start.</summary>
    public Uri Address { get; private set; } = new("http://127.0.0.1:1");

    /// <summary>Its standard error output.</summary>
    public string Said
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    /// <summary>Starts it, and returns when it answers.</summary>
    public async Task Start()
    {
        var start = new ProcessStartInfo("dotnet", [typeof(ShopApplication).Assembly.Location, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                [ShopOptions.SecretVariable] = RunningCardPayments.Secret,
                ["Millrace__Kafka__CreatesTopics"] = "false", // The test broker creates them on request.
            },
        };
        foreach (var (name, value) in Variables)
            start.Environment[name] = value;
        var process = _process = Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start.");
        process.ErrorDataReceived += (_, line) =>
        {
            lock (_output)
                _output.AppendLine(line.Data);
        };
        process.BeginErrorReadLine();
        var first = await process.StandardOutput.ReadLineAsync().WaitAsync(Bound);
        Address = new Uri(first?.Split(' ')[^1] ?? throw new InvalidOperationException($"It did not start: {Said}"));
    }

    /// <summary>Kills it, like a crash.</summary>
    public void Kill()
    {
        if (_process is not { HasExited: false } process)
            return;
        process.Kill();
        process.WaitForExit();
    }

    /// <summary>Restarts it after it was killed.</summary>
    public Task Restart()
    {
        Kill();
        _process?.Dispose();
        return Start();
    }

    /// <summary>Asks it to stop, like Ctrl-C; returns its exit code.</summary>
    public async Task<int> Stop()
    {
        using var kill = Process.Start("kill", ["-INT", $"{_process!.Id}"]); // It was started.
        await _process.WaitForExitAsync().WaitAsync(Bound);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        Kill();
        _process?.Dispose();
    }
}
