using Microsoft.Extensions.Configuration;
using Millrace.Shared.Settings;

namespace Millrace.Etcd;

/// <summary>
/// Reads options from the configuration section <c>Millrace:Etcd</c>, after the application's own code.
/// </summary>
internal static class EtcdSettings
{
    public const string Section = "Millrace:Etcd";

    public static void Apply(IConfiguration? configuration, EtcdOptions options)
    {
        if (configuration?.GetSection(Section) is not { } section)
            return;
        var settings = new Settings(section);
        settings.Read(nameof(options.Address), options.Address, value => options.Address = value);
        settings.Read(nameof(options.KeyPrefix), options.KeyPrefix, value => options.KeyPrefix = value);
        settings.Read(nameof(options.AnswerTimeout), options.AnswerTimeout, value => options.AnswerTimeout = value);
        settings.Read(nameof(options.User), options.User, value => options.User = value);
        settings.Read(nameof(options.Password), options.Password, value => options.Password = value);
        settings.Read(
            nameof(options.CertificateAuthorityFile),
            options.CertificateAuthorityFile,
            value => options.CertificateAuthorityFile = value);
        settings.Read(
            nameof(options.ClientCertificateFile),
            options.ClientCertificateFile,
            value => options.ClientCertificateFile = value);
        settings.Read(nameof(options.ClientKeyFile), options.ClientKeyFile, value => options.ClientKeyFile = value);
        settings.RefuseOthers();
        settings.Finish(typeof(EtcdOptions));
    }
}
