using System.Diagnostics;
using System.Globalization;

namespace Millrace.Cli.Tests;

/// <summary>Tests the completion of commands, options and stored names in shells.</summary>
public sealed class CompletionTests : IDisposable
{
    private readonly Tool _tool = new();

    public void Dispose() => _tool.Dispose();

    [Theory]
    [InlineData("millrace ver", "verify")]
    [InlineData("millrace consumers ", "list pause resume restart reset watch")]
    [InlineData("millrace read ord", "order-1 order-2")]
    [InlineData("millrace read 'order-2", "order-2")]
    [InlineData("millrace read order-1 ", "")]
    [InlineData("millrace tail --type order.p", "order.paid order.placed")]
    [InlineData("millrace tail --type=order.pl", "--type=order.placed")]
    [InlineData("millrace tail -f --stream or", "order-1 order-2")]
    [InlineData("millrace export --b", "--before")]
    [InlineData("millrace dead-letters list --state Pa", "Parked")]
    [InlineData("millrace append new-1 --expect ", "any none exists")]
    [InlineData("millrace import ", ":files")]
    [InlineData("millrace --store ", ":files")]
    [InlineData("millrace completion ", "bash zsh fish pwsh")]
    [InlineData("millrace read -- --", "")]
    [InlineData("millrace nonsense ", "")]
    public async Task Commands_options_and_stored_names_are_suggested(string line, string words)
    {
        await FillStore();

        var run = await _tool.RunOk("complete", "--", line);

        Assert.Equal(
            words.Split(' ', StringSplitOptions.RemoveEmptyEntries), run.Lines.Select(found => found.Split('\t')[0]));
    }

    [Fact]
    public async Task Options_are_suggested_once_with_their_description()
    {
        var run = await _tool.RunOk("complete", "--", "millrace verify --json --");

        Assert.Contains(
            run.Lines, line => line.StartsWith("--store\tThe store's file, postgres:", StringComparison.Ordinal));
        Assert.DoesNotContain(run.Lines, line => line.StartsWith("--json", StringComparison.Ordinal));
    }

    [Fact]
    public async Task For_very_many_streams_their_categories_are_suggested()
    {
        await using (var store = await StoreFile.Open(_tool.Store))
        {
            for (var i = 0; i < 120; i++)
            {
                var name = new StreamId((i % 2 == 0 ? "order-" : "cart-") + i.ToString(CultureInfo.InvariantCulture));
                await store.Append(name, ExpectedVersion.Any, [StoreFile.Event("order.placed", "{}")]);
            }
        }

        var run = await _tool.RunOk("complete", "--", "millrace read ");

        Assert.Equal(["cart-\tstreams", "order-\tstreams"], run.Lines);
    }

    [Fact]
    public async Task Without_a_store_names_are_omitted_silently()
    {
        var run = await _tool.RunOk("complete", "--", "millrace read ");

        Assert.Equal(("", ""), (run.Output, run.Error));
        Assert.Empty(Directory.GetFiles(_tool.Directory));
    }

    [ShellFact("bash")]
    public async Task Bash_completes()
    {
        await FillStore();
        const string Script = """
            set -u
            source <(millrace completion bash)
            try() { COMP_LINE=$1; COMP_POINT=${#1}; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _millrace; echo "${COMPREPLY[@]}"; }
            complete -p millrace
            try 'millrace read order-' millrace read order-
            try 'millrace read odd' millrace read odd
            try 'millrace read odd:' millrace read odd : ''
            try 'millrace --js' millrace --js
            """;

        var output = await RunShell("bash", "--norc", "-c", Script);

        Assert.Equal(
            ["complete -F _millrace millrace", "order-1 order-2", @"odd:na\ me", @"na\ me", "--json"],
            output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [ShellFact("zsh")]
    public async Task Zsh_completes()
    {
        await FillStore();
        const string Script = """
            compdef() { print -- "compdef $*" }
            _describe() { print -rl -- "${(@P)2}" }
            _files() { print files }
            source <(millrace completion zsh)
            words=(millrace read order-); CURRENT=3; _millrace
            words=(millrace read odd); CURRENT=3; _millrace
            words=(millrace import ''); CURRENT=3; _millrace
            """;

        var output = await RunShell("zsh", "-f", "-c", Script);

        Assert.Equal(
            ["compdef _millrace millrace", "order-1:version 1", "order-2:version 1", @"odd\:na me:version 1", "files"],
            output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [ShellFact("fish")]
    public async Task Fish_completes()
    {
        await FillStore();

        var output = await RunShell(
            "fish", "--no-config", "-c",
            "millrace completion fish | source; complete -C 'millrace read ord'; complete -C 'millrace read od'");

        Assert.Equal(
            ["order-1\tversion 1", "order-2\tversion 1", @"odd:na\ me" + "\tversion 1"],
            output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line.Replace("odd:na me", @"odd:na\ me", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task An_unknown_shell_is_refused_and_the_PowerShell_script_is_well_formed()
    {
        Assert.Equal(2, (await _tool.Run("completion", "tcsh")).ExitCode);
        var script = (await _tool.RunOk("completion", "pwsh")).Output;
        Assert.Contains("Register-ArgumentCompleter", script, StringComparison.Ordinal);
        // PowerShell is not installed where these tests run. The test compares the script with its approved file and
        // checks that its brackets and quotes are balanced.
        Approved.Matches("completion-pwsh", script);
        Assert.Equal("", UnbalancedBracketsAndQuotes(script));
    }

    private async Task FillStore()
    {
        await using var store = await StoreFile.Open(_tool.Store);
        await store.Append(new StreamId("order-1"), ExpectedVersion.Any, [StoreFile.Event("order.placed", "{}")]);
        await store.Append(new StreamId("order-2"), ExpectedVersion.Any, [StoreFile.Event("order.paid", "{}")]);
        await store.Append(new StreamId("odd:na me"), ExpectedVersion.Any, [StoreFile.Event("odd.seen", "{}")]);
    }

    /// <summary>Runs a shell where <c>millrace</c> is on the path.</summary>
    private async Task<string> RunShell(string shell, params string[] arguments)
    {
        var program = _tool.File("millrace");
        await File.WriteAllTextAsync(program, $"#!/bin/sh\nexec dotnet '{Tool.ProgramFile("Millrace.Cli")}' \"$@\"\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var start = new ProcessStartInfo(shell, arguments)
        {
            WorkingDirectory = _tool.Directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PATH"] = _tool.Directory + ":" + Environment.GetEnvironmentVariable("PATH");
        start.Environment["HOME"] = _tool.Directory;
        start.Environment["MILLRACE_COMPLETION_SECONDS"] = "60"; // The machine may be busy with other tests.
        using var process = Process.Start(start)!; // Start returns null only when the shell reuses a process.
        using var limit = new CancellationTokenSource(Tool.Limit);
        var error = process.StandardError.ReadToEndAsync(limit.Token);
        var output = await process.StandardOutput.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        Assert.True(process.ExitCode == 0, await error);
        return output;
    }

    private static readonly string[] Pairs = ["()", "{}", "[]"];

    /// <summary>
    /// Returns the unclosed brackets and quotes of a PowerShell script, or the first bracket that closes nothing.
    /// Returns an empty string if all of them are balanced.
    /// </summary>
    private static string UnbalancedBracketsAndQuotes(string script)
    {
        var (open, quote) = (new Stack<char>(), '\0');
        for (var index = 0; index < script.Length; index++)
        {
            var character = script[index];
            if (quote == '#')
                quote = character == '\n' ? '\0' : quote;
            else if (character == '`' && quote != '\'')
                index++; // The backtick escapes the next character.
            else if (quote != '\0')
                quote = character == quote ? '\0' : quote;
            else if (character is '#' or '"' or '\'')
                quote = character;
            else if (character is '(' or '{' or '[')
                open.Push(character);
            else if (character is ')' or '}' or ']'
                && !(open.TryPop(out var opened) && Pairs.Contains($"{opened}{character}")))
                return $"{character} at {index}";
        }
        return string.Concat(open) + (quote is '\0' or '#' ? "" : quote);
    }
}
