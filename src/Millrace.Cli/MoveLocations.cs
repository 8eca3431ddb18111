using Millrace.Storage;
using Millrace.Storage.Moves;

namespace Millrace.Cli;

/// <summary>The two places of a move, as they were given and as they may be shown.</summary>
internal sealed record MoveLocations(string From, string To)
{
    public string SourceText => StoreLocator.Shown(From);

    public string TargetText => StoreLocator.Shown(To);

    /// <summary>The places that a call means, those of one tenant where it names one.</summary>
    /// <exception cref="CliException">A tenant's is meant and none is named, or the tenant shares its
    /// store.</exception>
    public static MoveLocations Of(ToolInvocation call, string from, string to)
    {
        var isTemplate = TenantTemplate.Is(from) || TenantTemplate.Is(to);
        return (TenantTemplate.Named(call), isTemplate) switch
        {
            (null, false) => new MoveLocations(from, to),
            ({ } tenant, true) => new MoveLocations(TenantTemplate.Of(from, tenant), TenantTemplate.Of(to, tenant)),
            (null, true) => throw new CliException(
                ExitCode.Usage,
                "{tenant} stands for a tenant's name, and none was named.",
                "Name it with --tenant NAME."),
            _ => throw new CliException(
                ExitCode.Usage, "A tenant that shares its store with others cannot be moved alone.",
                "Write {tenant} in the names where each has a store, or move the whole without --tenant."),
        };
    }

    /// <exception cref="CliException">They are the same.</exception>
    public static StoreMove CreateMove(IStorage source, IStorage target, StoreMoveOptions options)
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
