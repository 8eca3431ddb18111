using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Millrace.Retention;
using Millrace.Shared.Settings;

namespace Millrace.Hosting;

/// <summary>
/// Reads <see cref="RetentionOptions"/> from the configuration section <c>Millrace:Retention</c>, which overrides the
/// application's code, and validates them with the model. Policies are only in code.
/// </summary>
internal sealed class RetentionOptionsSettings(IServiceProvider provider, MillraceBuilder builder)
    : IPostConfigureOptions<RetentionOptions>, IValidateOptions<RetentionOptions>
{
    public const string Section = $"{StoreSettings.Section}:Retention";

    public void PostConfigure(string? name, RetentionOptions options)
    {
        if (provider.GetService<MillraceConfiguration>()?.GetSection(Section) is { } section)
            Read(section, options);
    }

    public static void Read(IConfigurationSection section, RetentionOptions options)
    {
        var settings = new Settings(section);
        settings.Read(nameof(options.Schedule), options.Schedule, value => options.Schedule = value);
        settings.Read(
            nameof(options.StreamsPerSecond), options.StreamsPerSecond, value => options.StreamsPerSecond = value);
        settings.Read(
            nameof(options.ArchiveDirectory), options.ArchiveDirectory, value => options.ArchiveDirectory = value);
        settings.ReadTimeZone(nameof(options.TimeZone), options.TimeZone, value => options.TimeZone = value);
        settings.RefuseOthers();
        settings.Finish(typeof(RetentionOptions));
    }

    public ValidateOptionsResult Validate(string? name, RetentionOptions options)
    {
        var types = provider.GetRequiredService<ModelCatalog>().EventTypes;
        var problems = options.Problems().Concat(RetentionProblems.Of(DeclarationOf(options), types));
        var rules = options.BuildRules();
        var ofTenants = rules.Where(rule => rule.Tenant is not null).ToList();
        problems = problems.Concat(ofTenants.Where(rule => !TenantId.TryParse(rule.Tenant, out _))
            .Select(rule => $"{rule.Id}: '{rule.Tenant}' is not the name of a tenant. Use lower case letters, digits, "
                + "'-' and '_'."));
        if (!builder.HasTenants)
            problems = problems.Concat(ofTenants.Select(rule =>
                $"{rule.Id}: applies to one tenant, but the application has none. Add WithTenants."));
        var erasing = rules.FirstOrDefault(rule => rule.EraseAfter is not null);
        var canErase = builder.Services.Any(service => service.ServiceType == typeof(Erasures));
        return SectionProblems.In(
            Section,
            erasing is null || canErase
                ? problems
                : problems.Append($"{erasing.Id}: erases personal data, which needs keys and AddErasures."));
    }

    /// <summary>Returns the policies and the parts of the model that limit them.</summary>
    public RetentionDeclaration DeclarationOf(RetentionOptions options)
    {
        var model = provider.GetRequiredService<ModelCatalog>();
        var rules = options.BuildRules();
        var readers = model.Projections
            .Select(projection => new RetentionReader(
                projection.Name,
                NamesOf(model, projection.Events),
                projection.Lifecycle == ProjectionLifecycle.Asynchronous ? null : projection.Stream))
            .Concat(builder.SqlProjections.Select(projection =>
                new RetentionReader(projection.Name, NamesOf(model, projection.Events), null)));
        return new RetentionDeclaration
        {
            Rules = rules,
            Readers = [.. readers.OrderBy(reader => reader.Name, StringComparer.Ordinal)],
            Aggregates =
            [
                .. model.Aggregates.Select(aggregate => aggregate.Category)
                    .Concat(model.Deciders.Select(decider => decider.Category))
                    .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
            ],
            FormerNames = rules.Where(rule => rule.Target == RetentionTarget.EventType)
                .Select(rule => rule.Name).Distinct(StringComparer.Ordinal)
                .ToDictionary(
                    type => type,
                    type => (IReadOnlyList<string>)[.. model.EventTypes.FormerNamesOf(type)],
                    StringComparer.Ordinal),
        };
    }

    private static IReadOnlyList<string> NamesOf(ModelCatalog model, IReadOnlyList<Type> types) =>
        [.. types.SelectMany(model.EventTypes.StoredNamesOf).Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal)];
}
