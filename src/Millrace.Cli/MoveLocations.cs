using Millrace.Storage;
using Millrace.Storage.Moves;

namespace Millrace.Cli;

/// <summary>The source and the target of a move, as specified and as displayed.</summary>
internal sealed record MoveLocations(string From, string To)
{
    public string SourceText => StoreLocator.DisplayName(From);

    public string TargetText => StoreLocator.DisplayName(To);

    /// <summary>Returns the locations of a call, for one tenant when it specifies one.</summary>
    /// <exception cref="CliException">A tenant is required and none is specified, or the tenant shares its
    /// store.</exception>
    public static MoveLocations Of(ToolInvocation call, string from, string to)
    {
        var isTemplate = TenantTemplate.IsTemplate(from) || TenantTemplate.IsTemplate(to);
        return (TenantTemplate.SpecifiedTenant(call), isTemplate) switch
        {
            (null, false) => new MoveLocations(from, to),
            ({ } tenant, true) => new MoveLocations(TenantTemplate.Of(from, tenant), TenantTemplate.Of(to, tenant)),
            (null, true) => throw new CliException(
                ExitCode.Usage,
                "{tenant} is a placeholder for a tenant, and none was specified.",
                "Specify one with --tenant NAME."),
            _ => throw new CliException(
                ExitCode.Usage, "A tenant in a shared store cannot be moved alone.",
                "For separate stores, use {tenant} in the names. Otherwise move the whole store without --tenant."),
        };
    }

    /// <exception cref="CliException">The locations are the same.</exception>
    public static StoreMove CreateMove(IStorage source, IStorage target, StoreMoveOptions options)
    {
        try
        {
            return new StoreMove(source, target, options);
        }
        catch (ArgumentException exception)
        {
            throw new CliException(ExitCode.Usage, exception.Message.Split(" (Parameter", 2)[0]);
        }
    }
}
