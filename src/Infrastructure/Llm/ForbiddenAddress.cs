using System.Net;

namespace LexCustis.Infrastructure.Llm;

/// <summary>
/// Addresses at which a cloud hands its machine credentials. No model is served there, so they are refused whoever asks.
/// Loopback and private networks stay open, because that is where a self-hosted model lives: a host that serves organizations
/// which don't trust each other must fence those off by its network.
/// </summary>
internal static class ForbiddenAddress
{
    private static readonly IPNetwork[] Networks =
    [
        // Link-local: the metadata address of AWS, Azure, Google, OVH, Scaleway and most others.
        IPNetwork.Parse("169.254.0.0/16"),
        IPNetwork.Parse("fe80::/10"),
        // AWS over IPv6, Azure's host agent, Alibaba.
        IPNetwork.Parse("fd00:ec2::254/128"),
        IPNetwork.Parse("168.63.129.16/32"),
        IPNetwork.Parse("100.100.100.200/32"),
        // The first again, as NAT64 writes it.
        IPNetwork.Parse("64:ff9b::a9fe:0/112"),
    ];

    public static bool Is(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return Array.Exists(Networks, network => network.Contains(plain));
    }
}

internal sealed class ForbiddenAddressException() : IOException("The address is never allowed as an upstream.");
