using Millrace.Storage;
using Millrace.Storage.Moves;

namespace Millrace.Cli;

/// <summary>The two places of a move, as they were given and as they may be shown.</summary>
internal sealed record MovePlaces(string From, string To)
{
    public string ShownFrom => StoreFileName.Shown(From);

    public string ShownTo => StoreFileName.Shown(To);

    /// <exception cref="CliException">They are the same.</exception>
    public static StoreMove Between(IStorage source, IStorage target, StoreMoveOptions options)
    {
        try
        {
            return new StoreMove(source, target, options);
        }
        catch (ArgumentException wrong)
        {
            throw new CliException(ExitCode.Usage, wrong.Message.Split(" (Parameter", 2)[0]);
        }
    }
}
