using System.CommandLine;

namespace Millrace.Cli.Servers;

/// <summary>
/// The options to send a command to a running application instead of opening its store. The application checks the
/// rights of the user, and records the command in its audit trail.
/// </summary>
internal sealed class ServerOptions
{
    private const string TokenVariable = "MILLRACE_TOKEN";

    private readonly Option<string?> _server = new("--server")
    {
        HelpName = "URL",
        Description = "The address of a running application, whose routes for operators carry out the command with the "
            + "rights of the token's user. Without a path in the address, they are in /millrace.",
    };

    private readonly Option<string?> _tokenFile = new("--token-file")
    {
        HelpName = "FILE",
        Description = $"With --server: a file with the bearer token in its first line. Default: ${TokenVariable}.",
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_server);
        command.Options.Add(_tokenFile);
    }

    /// <summary>Returns the client of the application; null if the command uses a store.</summary>
    /// <exception cref="CliException">The options contradict each other, or the token would be readable.</exception>
    public ServerClient? Find(ToolInvocation call)
    {
        if (call.Get(_server) is not { Length: > 0 } server)
            return call.Has(_tokenFile)
                ? throw new CliException(ExitCode.Usage, "--token-file is only valid with --server.")
                : null;
        if (call.Has(GlobalOptions.Store) || call.Has(GlobalOptions.Tenant))
            throw new CliException(
                ExitCode.Usage,
                "--server is not valid together with --store or --tenant.",
                "The application of the address determines the store and the tenant.");
        if (!Uri.TryCreate(server, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
            throw new CliException(ExitCode.Usage, $"--server: '{server}' is not an http or https address.");
        var token = TokenOf(call);
        if (token is not null && address.Scheme == "http" && !address.IsLoopback)
            throw new CliException(
                ExitCode.Usage, "--server: the token would be readable in the network. Use an https address.");
        return new ServerClient(address, token);
    }

    private string? TokenOf(ToolInvocation call)
    {
        if (call.Get(_tokenFile) is not { } path)
            return Environment.GetEnvironmentVariable(TokenVariable) is { Length: > 0 } value ? value : null;
        using var stream = InputFile.Open(path);
        using var reader = new StreamReader(stream);
        return reader.ReadLine()?.Trim() is { Length: > 0 } line
            ? line
            : throw new CliException(ExitCode.Usage, $"The first line of '{path}' is empty.");
    }
}
