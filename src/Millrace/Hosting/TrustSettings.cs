using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Millrace.Erasing;
using Millrace.Protection;
using Millrace.Retention;
using Millrace.Security;

namespace Millrace.Hosting;

/// <summary>
/// Collects the settings of an application that matter for trust, by name: rights, marks, retention, keys, seals,
/// erasures and the audit trail. They contain no secrets.
/// </summary>
internal sealed class TrustSettings
{
    private const string Declared = "declared";

    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    /// <param name="provider">The services of the application.</param>
    /// <param name="builder">The application.</param>
    public static IReadOnlyDictionary<string, string> Of(IServiceProvider provider, MillraceBuilder builder)
    {
        var settings = new TrustSettings();
        settings.Set("application.version", StoreServiceFactory.Options(provider).ApplicationVersion ?? "unknown");
        settings.Set("tenants", builder.HasTenants);
        settings.AddAudit(provider.GetRequiredService<IOptions<AuditTrailOptions>>().Value);
        settings.AddMarks(provider.GetRequiredService<ModelCatalog>().Protection);
        settings.AddKeys(provider.GetService<KeyRing>());
        settings.AddAccess(provider.GetService<AccessDeclaration>());
        if (provider.GetService<RetentionSettings>() is { } retention)
            settings.AddRetention(retention);
        settings.AddErasures(provider.GetService<ErasureSettings>());
        if (StoreServiceFactory.IsRegistered(provider, typeof(Auditing.SealSetup)))
            settings.AddSeals(provider.GetRequiredService<IOptions<SealOptions>>().Value);
        return settings._values;
    }

    private void AddAudit(AuditTrailOptions audit)
    {
        Set("audit.recordsCommands", audit.RecordsCommands);
        Set("audit.recordsDenials", audit.RecordsDenials);
        Set("audit.recordsOperators", audit.RecordsOperators);
        Set("audit.recordsReads", audit.RecordsReads);
        Set("audit.recordsKeys", audit.RecordsKeys);
        Set("audit.repeatInterval", TextOf(audit.RepeatInterval));
    }

    private void AddMarks(ProtectionModel marks)
    {
        foreach (var (type, members) in marks.Events)
            AddMarks($"marks.event {type}", members);
        foreach (var (readModel, members) in marks.ReadModels)
            AddMarks($"marks.readModel {readModel}", members);
    }

    private void AddMarks(string owner, IReadOnlyList<ProtectedMember> members)
    {
        foreach (var member in members)
        {
            var subject = member.Subject is null ? "" : $" of {member.SubjectType} in {member.Subject}";
            Set($"{owner}{member.Path}", member.Kind + subject);
        }
    }

    private void AddKeys(KeyRing? keys)
    {
        if (keys is null)
            return;
        Set("keys.store", keys.Description);
        Set("keys.masterKey", keys.MasterKeys[0].Id);
        Set("keys.formerMasterKeys", string.Join(", ", keys.MasterKeys.Skip(1).Select(static key => key.Id)));
    }

    private void AddAccess(AccessDeclaration? access)
    {
        Set("access", access is null ? "off" : "on");
        if (access is null)
            return;
        Set("access.requiresCurrentRules", access.RequiresCurrentRules);
        Set("access.userIdClaim", access.Claims.UserId);
        Set("access.roleClaim", access.Claims.Role);
        foreach (var (role, rights) in access.Roles)
        {
            foreach (var right in rights)
                Set($"access.role {role}: {right.Text}", Declared);
        }
    }

    private void AddRetention(RetentionSettings retention)
    {
        foreach (var rule in retention.Declaration.Rules)
            Set($"retention.{rule.Id}", rule.ToString()[(rule.Id.Length + 2)..]);
    }

    private void AddErasures(ErasureSettings? erasures)
    {
        if (erasures?.Options is not { } options)
            return;
        Set("erasures.approvesAutomatically", options.ApprovesAutomatically);
        Set("erasures.requiresSecondUser", options.RequiresSecondUser);
        Set("erasures.hasRuleForRequests", options.MayRequest is not null);
        Set("erasures.settleTime", TextOf(options.SettleTime));
        Set("erasures.backupRetention", options.BackupRetention is { } kept ? TextOf(kept) : "unknown");
    }

    private void AddSeals(SealOptions seals)
    {
        Set("seals.keyFile", seals.KeyFile ?? "");
        Set("seals.interval", TextOf(seals.Interval));
        Set("seals.minEvents", seals.MinEvents.ToString(CultureInfo.InvariantCulture));
        Set("seals.anchorFile", seals.AnchorFile ?? "");
        // Without the user information and the query, which can contain secrets.
        Set("seals.anchorUrl", seals.AnchorUrl is { } url ? $"{url.Scheme}://{url.Authority}{url.AbsolutePath}" : "");
    }

    private void Set(string name, bool value) => Set(name, value ? "yes" : "no");

    private void Set(string name, string value) => _values[name] = value;

    private static string TextOf(TimeSpan time) => time.ToString("c", CultureInfo.InvariantCulture);
}
