using Microsoft.Extensions.Options;
using Millrace.Tenancy.Shared;

namespace Millrace.Hosting;

/// <summary>Validates the options, the storage and the model of a store, and reports all problems.</summary>
internal sealed class StoreOptionsValidator(MillraceBuilder builder) : IValidateOptions<StoreOptions>
{
    public const string NoStorage =
        "No storage was chosen: call UseSqlite(…), UseInMemory() or UseStorage(…) in AddMillrace.";

    public ValidateOptionsResult Validate(string? name, StoreOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        result.AddResult(SectionProblems.In(StoreSettings.Section, options.Problems()));
        foreach (var problem in ModelCatalog.Problems(builder.Model))
            result.AddError(problem);
        if (builder.Storage is null && builder.TenantStorage is null)
            result.AddError(NoStorage);
        if (builder is { HasTenants: true, SqlProjections.Count: > 0 }
            && (builder.TenantStorage is null || ShardRegistration.PlacesTenants(builder.Services)))
            result.AddError(TenantRequestMapper.NoTables().Message);
        return result.Build();
    }
}
